"""An upload becomes a photo exactly once, whoever dies on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from jobs.files import storage
from jobs.models import Photo, PhotoSet
from jobs.operations.photos import processing
from jobs.operations.photos.processing import TAKE_IN, Claim, process
from jobs.photos import intake
from tests.jobs.factories import make_photos, make_set, make_waiting
from tests.photos import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo_set(studio, mara):
    return make_set(studio, mara)


def after(photo, **fields):
    process(TAKE_IN, photo.pk)
    photo.refresh_from_db()
    return photo


def give_turn(photo):
    Photo.objects.filter(pk=photo.pk).update(next_action_at=timezone.now() - timedelta(seconds=1))


def test_an_upload_becomes_a_photo(photo_set):
    photo = after(make_waiting(photo_set))

    assert photo.state == Photo.State.READY
    assert (photo.width, photo.height) == (300, 200)
    with storage.open(photo.prepared) as prepared, storage.open(photo.thumbnail) as thumbnail:
        assert Image.open(prepared).size == (300, 200)
        assert Image.open(thumbnail).format == "WEBP"


def test_the_set_counts_it_and_takes_it_as_cover(photo_set):
    photo = after(make_waiting(photo_set))
    photo_set.refresh_from_db()

    assert photo_set.photo_count == 1
    assert photo_set.cover == [photo.thumbnail]
    assert photo_set.version == photo.version == photo_set.workspace.version


def test_the_cover_is_the_first_four(photo_set):
    make_photos(photo_set, 5)
    after(make_waiting(photo_set))
    photo_set.refresh_from_db()

    assert photo_set.photo_count == 6
    assert photo_set.cover == list(photo_set.photos.in_order().values_list("thumbnail", flat=True)[:4])


def test_an_unreadable_upload_is_refused_with_the_reason(photo_set):
    photo = after(make_waiting(photo_set, pictures.png_bomb()))
    photo_set.refresh_from_db()

    assert photo.state == Photo.State.REFUSED
    assert "too large to open" in photo.refusal
    assert photo_set.photo_count == 0
    assert photo_set.version == photo.version


def test_a_second_worker_finds_nothing_to_do(photo_set):
    photo = make_waiting(photo_set)
    assert Claim.of(TAKE_IN, photo.pk) is not None

    assert Claim.of(TAKE_IN, photo.pk) is None
    assert after(photo).state == Photo.State.WAITING


def test_what_a_dead_worker_left_is_due_again_when_its_turn_is_over(photo_set):
    photo = make_waiting(photo_set)
    Claim.of(TAKE_IN, photo.pk)
    assert photo not in Photo.objects.due()

    give_turn(photo)

    assert photo in Photo.objects.due()
    assert after(photo).state == Photo.State.READY


def test_a_photo_is_not_to_blame_when_workers_are_killed(photo_set):
    photo = make_waiting(photo_set)
    workers_die_over(photo, 6)

    assert after(photo).state == Photo.State.READY


def test_a_photo_over_which_every_worker_dies_is_refused(photo_set):
    photo = make_waiting(photo_set)
    workers_die_over(photo, processing.MOST_CLAIMS)

    assert after(photo).refusal == processing.GAVE_UP


def workers_die_over(photo: Photo, times: int) -> None:
    for _ in range(times):
        Claim.of(TAKE_IN, photo.pk)
        give_turn(photo)


def test_a_photo_that_takes_long_to_open_keeps_its_turn(photo_set, monkeypatch, cold_child):
    monkeypatch.setattr(intake, "_PULSE", 0.05)
    monkeypatch.setattr(intake, "_START", "import time; time.sleep(1); " + intake._START)
    photo = make_waiting(photo_set)
    claimed = timezone.now()

    assert after(photo).state == Photo.State.READY
    assert photo.next_action_at > claimed + timedelta(seconds=processing.LEASE_SECONDS + 0.4)


def test_a_photo_that_stops_three_children_is_refused(photo_set, monkeypatch, cold_child):
    photo = make_waiting(photo_set)
    monkeypatch.setattr(intake, "_START", "import os; os.abort()")
    for _ in range(3):
        give_turn(photo)
        after(photo)

    assert photo.refusal == processing.GAVE_UP


def test_a_child_that_died_is_tried_again(photo_set, monkeypatch, cold_child):
    photo = make_waiting(photo_set)
    monkeypatch.setattr(intake, "_START", "import os; os.abort()")
    after(photo)
    assert (photo.state, photo.tries) == (Photo.State.WAITING, 1)
    monkeypatch.undo()

    give_turn(photo)

    assert after(photo).state == Photo.State.READY


def test_a_full_disk_costs_no_try(photo_set, monkeypatch, own_media):
    photo = make_waiting(photo_set)
    monkeypatch.setattr("os.fsync", no_room)
    after(photo)
    assert (photo.state, photo.tries) == (Photo.State.WAITING, 0)
    monkeypatch.undo()

    give_turn(photo)

    assert after(photo).state == Photo.State.READY


def no_room(*_):
    raise OSError(28, "No space left on device")


def test_a_lost_original_is_said(photo_set):
    photo = make_waiting(photo_set)
    storage.delete(photo.original)

    assert after(photo).refusal == processing.GONE


def test_a_deleted_photo_is_left_alone(photo_set):
    photo = make_waiting(photo_set, deleted_at=timezone.now())

    assert photo not in Photo.objects.due()
    assert after(photo).state == Photo.State.WAITING


def test_a_photo_deleted_while_it_was_taken_in_is_not_counted(photo_set):
    photo = make_waiting(photo_set)
    claim = Claim.of(TAKE_IN, photo.pk)
    Photo.objects.update(deleted_at=timezone.now())
    assert claim.end(**TAKE_IN.make(claim).columns)
    photo_set.refresh_from_db()

    assert photo_set.photo_count == 0


def test_taking_in_twice_changes_nothing(photo_set):
    photo = after(make_waiting(photo_set))
    version = PhotoSet.objects.get().version

    after(photo)

    assert PhotoSet.objects.get().version == version


def test_a_photo_that_does_not_exist_is_nothing():
    process(TAKE_IN, 10**9)
