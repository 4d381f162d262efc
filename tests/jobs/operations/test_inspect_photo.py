"""Photos are measured after they are ready, once, and whoever dies on the way costs nothing but time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.files import storage
from jobs.models import Photo
from jobs.operations.photos import edit, processing
from jobs.operations.photos.processing import INSPECT, TAKE_IN, Claim, process
from jobs.photos.inspection.findings import Code
from tests.jobs.factories import make_photo, make_waiting
from tests.photos import pictures

pytestmark = pytest.mark.django_db


def due(photo_set, content=None, **fields):
    content = pictures.saved(pictures.upright(), "JPEG") if content is None else content
    prepared = storage.put(photo_set.workspace_id, "prepared", content, ".jpg").name
    return make_photo(photo_set, prepared=prepared, inspection_due_at=timezone.now() - timedelta(seconds=1), **fields)


def after(photo):
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
    photo = after(due(photo_set))

    assert photo.inspection["blur"] is None or photo.inspection["blur"] > 0
    assert photo.faces == []
    assert len(photo.phash) == 16
    assert photo.inspection_due_at is None
    assert photo.version == Photo.objects.get(pk=photo.pk).workspace.version


def test_a_photo_is_inspected_once(photo_set):
    photo = after(due(photo_set))
    Photo.objects.filter(pk=photo.pk).update(inspection={"mine": 1})
    assert after(photo).inspection == {"mine": 1}


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
    photo = after(due(photo_set, content))
    assert (photo.inspection, photo.inspection_due_at) == ({}, None)


def test_a_file_that_is_gone_trains_without_inspection(photo_set):
    gone = make_photo(photo_set, inspection_due_at=timezone.now() - timedelta(seconds=1))
    assert after(gone).inspection == {}


def test_a_photo_over_which_workers_die_is_given_up(photo_set):
    photo = due(photo_set, inspection_tries=processing.MOST_INSPECTIONS)
    assert after(photo).inspection == {}


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
