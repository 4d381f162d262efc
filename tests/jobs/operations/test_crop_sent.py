"""A provider gets a crop exactly as it was ordered, whatever is cropped afterwards."""

import pytest
from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import Job, JobState, OrphanedFile, Photo
from jobs.operations.cleanup import orphans, retention
from jobs.operations.clock import in_seconds
from jobs.operations.photos import edit
from jobs.providers.base import Capability
from tests.jobs.operations.cropped import LOWER_LEFT, UPPER_RIGHT, cropped, fetched, fresh, ordered, photo
from tests.jobs.operations.photo_grants.test_grants import fetching, public, urls
from tests.photos.test_prepare import corners, opened

__all__ = ["fetching", "photo", "public"]  # fixtures

pytestmark = pytest.mark.django_db


def test_a_provider_fetches_the_crop(photo, mara, key, fetching, public):
    made = cropped(photo)
    job = ordered(fresh(photo), mara, key)
    assert job.state == JobState.QUEUED
    assert fetched(urls(fetching)[0]) == storage.read(made.cropped)


def test_a_provider_that_is_given_photos_is_given_the_crop(photo, mara, key, scripted):
    made = cropped(photo)
    ordered(fresh(photo), mara, key)
    assert scripted.orders[-1].photos[0].read() == storage.read(made.cropped)


def test_a_crop_that_nobody_made_yet_is_made_before_an_order_is_sent(photo, mara, key, fetching, public):
    edit.crop(photo, UPPER_RIGHT)
    ordered(fresh(photo), mara, key)
    assert set(corners(opened(fetched(urls(fetching)[0])))) == {"lime"}


def test_an_order_is_not_sent_with_the_whole_photo_when_its_crop_cannot_be_made(photo, mara, key, fetching, public):
    edit.crop(photo, UPPER_RIGHT)
    storage.delete(photo.prepared)
    job = ordered(fresh(photo), mara, key)
    assert job.state == JobState.FAILURE
    assert "could not be cropped" in job.failure
    assert fetching.orders == []


def test_a_later_crop_does_not_change_an_order_under_way(photo, mara, key, fetching, public):
    before = cropped(photo)
    ordered(fresh(photo), mara, key)
    path = urls(fetching)[0]
    cropped(photo, LOWER_LEFT)
    assert fetched(path) == storage.read(before.cropped)


def test_a_former_crop_stays_while_an_order_needs_it_and_goes_then(photo, mara, key, fetching, public):
    before = cropped(photo)
    job = ordered(fresh(photo), mara, key)
    cropped(photo, LOWER_LEFT)
    OrphanedFile.objects.update(created_at=in_seconds(-2 * orphans.QUIET))
    orphans.remove_due()
    assert storage.exists(before.cropped)

    Job.objects.filter(pk=job.pk).update(state=JobState.SUCCESS)
    OrphanedFile.objects.update(created_at=in_seconds(-2 * orphans.QUIET))
    orphans.QUIET, quiet = 0.0, orphans.QUIET
    try:
        orphans.remove_due()
    finally:
        orphans.QUIET = quiet
    assert not storage.exists(before.cropped)


def test_a_former_crop_of_a_photo_that_was_removed_for_good_goes_at_once(photo, mara, key, fetching, public):
    before = cropped(photo)
    ordered(fresh(photo), mara, key)
    Photo.objects.update(deleted_at=Now())
    retention.clear_photos(photo.workspace, [fresh(photo)])
    assert before.cropped not in orphans._sent(photo.workspace_id, {before.cropped})


def test_the_archive_holds_the_crop(photo, mara, key, scripted, public, monkeypatch):
    archives = type(scripted).capabilities | {Capability.NEEDS_PHOTO_ARCHIVE}
    monkeypatch.setattr(type(scripted), "capabilities", archives)
    made = cropped(photo)
    ordered(fresh(photo), mara, key)
    answer = fetched(scripted.orders[-1].archive_url.removeprefix("https://likeness.studio-pip.com"))
    assert storage.read(made.cropped) in answer
    assert storage.read(photo.prepared) not in answer
    assert fresh(photo).zip_entry["stored"] == made.cropped
