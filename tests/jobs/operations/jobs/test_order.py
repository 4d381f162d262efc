"""From an order to a job: once per form, with the photos as they are now."""

from dataclasses import replace

import pytest
from django.utils import timezone

from dashboard.models import User, Workspace
from jobs.models import ApiKey, Attempt, Job, JobState, Photo, PhotoSet
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.jobs.submit import submit
from jobs.providers.order import Kind
from tests.jobs.factories import photo_ids
from tests.jobs.operations.conftest import told
from tests.jobs.operations.scripted import Scripted
from tests.jobs.operations.threads import at_once


@pytest.fixture
def photo_set(studio: Workspace) -> PhotoSet:
    made = PhotoSet.objects.create(workspace=studio, name="Rex", cover=["thumbnails/1/aa/a.webp"], photo_count=2)
    for position, state in enumerate([Photo.State.READY, Photo.State.WAITING, Photo.State.READY]):
        Photo.objects.create(
            workspace=studio, photo_set=made, upload_nonce=str(position), state=state, position=3 - position
        )
    return made


@pytest.fixture
def training(draft: JobDraft, photo_set: PhotoSet) -> JobDraft:
    return replace(draft, kind=Kind.TRAINING, generations=(), training={"steps": 100}, photo_set=photo_set)


def test_a_new_job_is_ready_and_due_and_says_who_started_it(studio: Workspace, mara: User, draft: JobDraft):
    job = create(studio, mara, draft, "n")
    assert job.state == JobState.READY
    assert job.next_action_at <= timezone.now()
    assert told(job) == ["Mara started this job."]
    assert (job.estimated_seconds_low, job.estimated_seconds_high, job.estimated_cost_cents) == (60, 120, 120)
    studio.refresh_from_db()
    assert job.version == studio.version


def test_the_same_form_sent_again_is_the_same_job(studio: Workspace, mara: User, draft: JobDraft):
    assert create(studio, mara, draft, "n") == create(studio, mara, replace(draft, name="Other"), "n")
    assert Job.objects.count() == 1


def test_the_same_nonce_in_another_workspace_is_another_job(studio, elsewhere, mara, sam, draft: JobDraft):
    theirs = replace(draft, api_key=keys.practice_key(elsewhere), base_model="practice-sd15")
    assert create(studio, mara, draft, "n") != create(elsewhere, sam, theirs, "n")


def test_the_photos_that_are_ready_or_get_ready_now_are_ordered_in_their_order(
    studio, mara, training, photo_set: PhotoSet
):
    job = create(studio, mara, training, "n")
    ordered = list(photo_set.photos.usable().in_order().values_list("pk", flat=True))
    assert (photo_ids(job), job.photo_count, job.thumbnails) == (ordered, 3, photo_set.cover)
    photo_set.photos.update(deleted_at=timezone.now())
    assert photo_ids(job) == ordered


def test_without_photos_there_is_no_training(studio, mara, training, photo_set: PhotoSet):
    photo_set.photos.update(state=Photo.State.REFUSED)
    with pytest.raises(NotPossible, match="no photos"):
        create(studio, mara, training, "n")
    assert not Job.objects.exists()


def test_a_revoked_key_takes_no_new_job(studio, mara, jon, draft: JobDraft, key: ApiKey):
    keys.revoke(key, jon)
    key.refresh_from_db()
    with pytest.raises(NotPossible, match="revoked"):
        create(studio, mara, draft, "n")


@pytest.mark.django_db(transaction=True)
def test_u01_r17_ten_presses_at_once_are_one_job_and_one_order(studio, mara, draft: JobDraft, scripted: Scripted):
    jobs = at_once(10, lambda: create(studio, mara, draft, "n").pk)
    assert len(set(jobs)) == 1
    at_once(10, lambda: submit(jobs[0]))

    assert Job.objects.count() == Attempt.objects.count() == len(scripted.orders) == 1
    assert Job.objects.get().state == JobState.QUEUED
    assert told(Job.objects.get()).count("Mara started this job.") == 1
