"""The work on photos is done exactly once, a few at a time, whoever dies on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from jobs.files import storage
from jobs.models import Photo, PhotoSet
from jobs.operations.photos import edit, processing
from jobs.operations.photos.processing import INSPECT, TAKE_IN, Claim, process
from jobs.photos import intake
from jobs.photos.inspection.findings import Code
from tests.jobs.factories import make_photo, make_photos, make_set, make_waiting
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


@pytest.fixture
def photos(studio, mara):
    photo_set = make_set(studio, mara)
    return [make_waiting(photo_set) for _ in range(3)]


def ready() -> int:
    return Photo.objects.filter(state=Photo.State.READY).count()


def test_one_hint_is_enough_for_all_that_wait(photos):
    processing.work_through(TAKE_IN, photos[1].pk)
    assert ready() == 3


def test_a_hint_is_dropped_while_all_hands_are_full(photos):
    held = [processing._free.acquire(blocking=False) for _ in range(processing.CONCURRENCY)]
    processing.work_through(TAKE_IN, photos[0].pk)
    processing._free.release(len(held))
    assert ready() == 0


def test_a_hand_is_free_again_after_a_photo_that_is_gone(photos):
    Photo.objects.update(original="originals/1/aa/gone.jpg")
    for photo in photos * processing.CONCURRENCY:
        processing.work_through(TAKE_IN, photo.pk)
    assert processing._free._value == processing.CONCURRENCY
    assert not Photo.objects.filter(state=Photo.State.WAITING).exists()


def due(photo_set, content=None, **fields):
    content = pictures.saved(pictures.upright(), "JPEG") if content is None else content
    prepared = storage.put(photo_set.workspace_id, "prepared", content, ".jpg").name
    return make_photo(photo_set, prepared=prepared, inspection_due_at=timezone.now() - timedelta(seconds=1), **fields)


def inspected(photo):
    process(INSPECT, photo.pk)
    photo.refresh_from_db()
    return photo


def test_an_upload_is_inspected_once_nothing_waits_to_be_seen(photo_set):
    waiting = [make_waiting(photo_set) for _ in range(2)]
    processing.work_through(TAKE_IN, waiting[0].pk)
    assert [bool(photo.inspection) for photo in photo_set.photos.all()] == [True, True]


def test_uploads_come_before_inspections(photo_set, monkeypatch):
    inspected, waiting = due(photo_set), make_waiting(photo_set)
    steps = []
    real = processing.process
    monkeypatch.setattr(processing, "process", lambda step, pk: (steps.append(pk), real(step, pk)))

    processing.work_through(INSPECT, inspected.pk)

    assert steps == [waiting.pk, inspected.pk, waiting.pk]


def test_the_measures_are_kept_and_shown_as_a_change(photo_set):
    photo = inspected(due(photo_set))

    assert photo.inspection["blur"] is None or photo.inspection["blur"] > 0
    assert photo.faces == []
    assert len(photo.phash) == 16
    assert photo.inspection_due_at is None
    assert photo.version == Photo.objects.get(pk=photo.pk).workspace.version


def test_a_photo_is_inspected_once(photo_set):
    photo = inspected(due(photo_set))
    Photo.objects.filter(pk=photo.pk).update(inspection={"mine": 1})
    assert inspected(photo).inspection == {"mine": 1}


def test_whoever_looks_second_looks_at_another_photo(photo_set):
    photo = due(photo_set)
    assert Claim.of(INSPECT, photo.pk) is not None
    assert Claim.of(INSPECT, photo.pk) is None


def test_a_photo_that_was_cropped_meanwhile_is_inspected_again(photo_set):
    photo = due(photo_set)
    claim = Claim.of(INSPECT, photo.pk)
    Photo.objects.update(**processing.INSPECT_ANEW)

    assert not claim.end(inspection={"old": 1})

    photo.refresh_from_db()
    assert photo.inspection is None
    assert Photo.objects.due_for_inspection().filter(pk=photo.pk).exists()


@pytest.mark.parametrize("content", [b"no picture", b""])
def test_a_file_that_cannot_be_read_trains_without_inspection(photo_set, content):
    photo = inspected(due(photo_set, content))
    assert (photo.inspection, photo.inspection_due_at) == ({}, None)


def test_a_file_that_is_gone_trains_without_inspection(photo_set):
    gone = make_photo(photo_set, inspection_due_at=timezone.now() - timedelta(seconds=1))
    assert inspected(gone).inspection == {}


def test_a_photo_over_which_workers_die_is_given_up(photo_set):
    photo = due(photo_set, inspection_tries=processing.MOST_INSPECTIONS)
    assert inspected(photo).inspection == {}


def test_a_photo_left_out_counts_no_more_and_can_come_back(photo_set):
    photo = make_photo(photo_set)
    photo.workspace = photo_set.workspace

    edit.leave_out(photo)
    photo_set.refresh_from_db()
    assert (photo_set.photo_count, photo_set.cover) == (0, [])

    edit.use_again(photo)
    photo_set.refresh_from_db()
    assert (photo_set.photo_count, photo_set.cover) == (1, [photo.thumbnail])


def test_findings_waved_through_add_up(photo_set):
    photo = make_photo(photo_set)
    for code in (Code.DARK, Code.BLURRED, Code.DARK):
        edit.keep_anyway(photo, code)
    photo.refresh_from_db()
    assert photo.kept_anyway == ["blurred", "dark"]
