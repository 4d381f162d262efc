"""A crop is made once, in its turn, and what is sent is what was chosen; the upright photo stays whole."""

from io import BytesIO

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from PIL import Image

from jobs.files import storage
from jobs.models import OrphanedFile, Photo
from jobs.operations import failpoints
from jobs.operations.cleanup import retention
from jobs.operations.clock import in_seconds
from jobs.operations.photos import edit, processing, sent_copy
from jobs.operations.photos.processing import CROP, process
from jobs.operations.sweep import sweep
from jobs.photos import intake
from jobs.photos.crop import Mode, Shape
from tests.jobs.factories import make_photo, make_photos, make_set
from tests.jobs.operations.cropped import LOWER_LEFT, UPPER_RIGHT, cropped, fresh, photo
from tests.photos import pictures
from tests.photos.test_prepare import corners, opened

__all__ = ["photo"]  # fixtures

pytestmark = pytest.mark.django_db


def test_the_chosen_part_is_made_in_its_turn(photo):
    edit.crop(photo, UPPER_RIGHT)
    waiting = fresh(photo)
    assert (waiting.cropped, waiting.shown) == ("", photo.thumbnail)

    process(CROP, photo.pk)

    made = fresh(photo)
    image = opened(storage.read(made.cropped))
    assert image.size == (300, 200)
    assert set(corners(image)) == {"lime"}
    assert Image.open(BytesIO(storage.read(made.cropped_thumbnail))).format == "WEBP"
    assert made.crop_due_at is None


def test_the_upright_photo_stays_whole(photo):
    before = storage.read(photo.prepared)
    made = cropped(photo)
    assert made.prepared == photo.prepared
    assert storage.read(photo.prepared) == before


def test_the_photo_and_its_set_show_as_changed_and_it_is_inspected_again(photo):
    made = cropped(photo)
    assert made.version == made.photo_set.version > 0
    assert made.inspection_due_at is not None


def test_the_same_crop_twice_is_made_once(photo):
    made = cropped(photo)
    edit.crop(photo, UPPER_RIGHT)
    again_made = fresh(photo)
    assert (again_made.cropped, again_made.version) == (made.cropped, made.version)


def test_two_workers_make_it_once(photo):
    edit.crop(photo, UPPER_RIGHT)
    assert Photo.objects.due_for_cropping().filter(pk=photo.pk).update(crop_due_at=in_seconds(90)) == 1
    process(CROP, photo.pk)
    assert fresh(photo).cropped == ""


def test_another_crop_gives_the_former_one_up(photo):
    former = cropped(photo)
    latter = cropped(photo, LOWER_LEFT)
    assert set(corners(opened(storage.read(latter.cropped)))) == {"blue"}
    given_up = set(OrphanedFile.objects.values_list("name", flat=True))
    assert given_up == {former.cropped, former.cropped_thumbnail}


def test_a_photo_is_whole_again(photo):
    cropped(photo)
    edit.crop(photo, None)
    whole = fresh(photo)
    assert (whole.crop, whole.cropped, whole.crop_due_at) == (None, "", None)
    assert sent_copy.name_of_sent(whole) == photo.prepared


def test_what_was_made_for_a_crop_that_was_changed_meanwhile_is_given_up(photo, monkeypatch):
    edit.crop(photo, UPPER_RIGHT)
    real = processing.storage.put

    def put_late(*told):
        edit.crop(photo, LOWER_LEFT)
        return real(*told)

    monkeypatch.setattr(processing.storage, "put", put_late)
    process(CROP, photo.pk)
    monkeypatch.undo()
    assert fresh(photo).crop["box"] == list(LOWER_LEFT.box)
    assert fresh(photo).cropped == ""
    assert OrphanedFile.objects.count() == 2


def test_a_photo_that_cannot_be_cropped_is_whole_again(photo):
    edit.crop(photo, UPPER_RIGHT)
    storage.delete(photo.prepared)
    process(CROP, photo.pk)
    assert (fresh(photo).crop, fresh(photo).crop_due_at) == (None, None)


class Died(BaseException):
    """The worker is no more."""


def dying(at: str, monkeypatch) -> None:
    def die(point: str) -> None:
        if point == at:
            raise Died

    monkeypatch.setattr(failpoints, "on_reach", die)


@pytest.mark.parametrize("point", ["photos.crop_claimed", "photos.crop_stored"])
def test_whoever_dies_on_the_way_the_crop_is_made_once(photo, monkeypatch, point):
    edit.crop(photo, UPPER_RIGHT)
    dying(point, monkeypatch)
    with pytest.raises(Died):
        process(CROP, photo.pk)
    monkeypatch.undo()
    process(CROP, photo.pk)
    assert fresh(photo).cropped == "", "its turn is not over yet"
    Photo.objects.update(crop_due_at=in_seconds(-1))
    process(CROP, photo.pk)
    assert set(corners(opened(storage.read(fresh(photo).cropped)))) == {"lime"}


def test_a_photo_over_which_every_worker_dies_is_whole_again(photo, monkeypatch):
    edit.crop(photo, UPPER_RIGHT)
    Photo.objects.update(crop_tries=processing.MOST_CLAIMS)
    process(CROP, photo.pk)
    assert (fresh(photo).crop, fresh(photo).crop_due_at) == (None, None)


def test_a_child_that_died_is_tried_again_and_not_for_ever(photo, monkeypatch):
    edit.crop(photo, UPPER_RIGHT)
    monkeypatch.setattr(processing.intake, "crop", interrupted)
    for _ in range(processing.MAX_TRIES - 1):
        process(CROP, photo.pk)
        assert fresh(photo).crop is not None
        Photo.objects.update(crop_due_at=in_seconds(-1))
    process(CROP, photo.pk)
    assert fresh(photo).crop is None


def interrupted(*told: object) -> None:
    raise intake.Interrupted("gone")


def test_a_full_disk_costs_no_try(photo, monkeypatch):
    edit.crop(photo, UPPER_RIGHT)
    monkeypatch.setattr(processing.storage, "put", full)
    process(CROP, photo.pk)
    waiting = fresh(photo)
    assert (waiting.crop_tries, waiting.cropped) == (0, "")
    assert waiting.crop_due_at > timezone.now()


def full(*told: object) -> None:
    raise storage.Full


def test_crops_are_made_in_turn_from_one_hint(studio, mara):
    photo_set = make_set(studio, mara)
    for width in (500, 510, 520):
        jpeg = pictures.saved(pictures.upright(width, 400), "JPEG")
        stored = storage.put(studio.pk, "prepared", jpeg, ".jpg").name
        make_photo(photo_set, prepared=stored, width=width, height=400)
    edit.crop_all(photo_set, Mode.CENTRE, Shape.SQUARE, spare_by_hand=True)
    processing.work_through(CROP, Photo.objects.order_by("pk")[1].pk)
    assert not Photo.objects.filter(cropped="").exists()


def test_a_deleted_photo_is_not_cropped(photo):
    edit.crop(photo, UPPER_RIGHT)
    Photo.objects.update(deleted_at=Now())
    process(CROP, photo.pk)
    assert fresh(photo).cropped == ""


def test_the_sweep_hints_at_crops_that_nobody_made(photo, monkeypatch):
    edit.crop(photo, UPPER_RIGHT)
    hinted = []
    monkeypatch.setattr("jobs.operations.photos.processing.enqueue", lambda *told: hinted.append(told))
    sweep()
    assert ("crop_photo", photo.pk) in hinted


def test_all_photos_are_cropped_in_the_middle(studio, mara):
    photo_set = make_set(studio, mara)
    make_photos(photo_set, 3)
    assert edit.crop_all(photo_set, Mode.CENTRE, Shape.SQUARE, spare_by_hand=True) == 3
    assert {tuple(photo.crop["box"]) for photo in photo_set.photos.all()} == {(0.0, 0.125, 1.0, 0.75)}


def test_those_cropped_by_hand_are_spared_unless_told_otherwise(studio, mara):
    photo_set = make_set(studio, mara)
    by_hand, _ = make_photos(photo_set, 2)
    edit.crop(by_hand, LOWER_LEFT)
    assert edit.crop_all(photo_set, Mode.CENTRE, Shape.SQUARE, spare_by_hand=True) == 1
    assert fresh(by_hand).crop["mode"] == "hand"
    assert edit.crop_all(photo_set, None, Shape.SQUARE, spare_by_hand=False) == 2
    assert [photo.crop for photo in photo_set.photos.all()] == [None, None]


def test_a_photo_of_the_shape_already_stays_whole(studio, mara):
    photo_set = make_set(studio, mara)
    make_photo(photo_set, width=1024, height=1024)
    assert edit.crop_all(photo_set, Mode.CENTRE, Shape.SQUARE, spare_by_hand=True) == 0


def test_everything_of_a_crop_goes_with_its_photo(photo):
    made = cropped(photo)
    retention.clear_photos(made.workspace, [made])
    gone = fresh(photo)
    assert (gone.crop, gone.cropped, gone.cropped_thumbnail) == (None, "", "")
    assert {made.cropped, made.cropped_thumbnail} <= set(OrphanedFile.objects.values_list("name", flat=True))
