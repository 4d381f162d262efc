"""An order waits for photos that are still getting ready, and goes out with those that somebody saw or not at all."""

import pytest
from django.utils import timezone

from jobs.models import Job, JobState, Photo
from jobs.operations.jobs import actions, submit
from jobs.operations.jobs.order import JobDraft, create, retry
from jobs.operations.photos import edit, processing, sent_copy
from jobs.providers.order import Kind
from tests.jobs.factories import make_photo, make_set, make_waiting, photo_ids
from tests.jobs.operations.cropped import LOWER_LEFT

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(studio, mara) -> list[Photo]:
    photo_set = make_set(studio, mara)
    return [make_photo(photo_set), make_waiting(photo_set), make_waiting(photo_set)]


@pytest.fixture
def job(studio, mara, photos, key) -> Job:
    told = {"photo_set": photos[0].photo_set, "base_model": "base", "training": {"steps": 9}}
    return create(studio, mara, JobDraft(Kind.TRAINING, "Rex", api_key=key, **told), "n")


def sent(job: Job) -> Job:
    """The job after a moment at which it was due."""
    Job.objects.filter(pk=job.pk).update(next_action_at=timezone.now(), lease_until=None)
    submit.submit(job.pk)
    job.refresh_from_db()
    return job


def take_in(photo: Photo) -> None:
    processing.process(processing.TAKE_IN, photo.pk)
    photo.refresh_from_db()


def refuse(photo: Photo) -> None:
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.REFUSED, refusal="This is not a photo.")


def test_photos_that_are_still_getting_ready_are_ordered(job, photos):
    assert (job.photo_count, photo_ids(job)) == (3, [photo.pk for photo in photos])


def test_what_somebody_saw_is_the_same_when_its_photos_are_ready(photos):
    before = sent_copy.fingerprint(photos)
    take_in(photos[1])
    assert sent_copy.fingerprint(photos) == before


def test_an_order_waits_until_its_photos_are_ready_and_then_goes_out(job, photos, scripted):
    for _ in range(submit.MOST_CLAIMS + 2):
        sent(job)
    assert (job.state, job.failure_code, scripted.orders) == (JobState.READY, "waiting_for_photos", [])
    assert "waits until its photos are ready: 2 are still getting ready" in job.failure
    take_in(photos[1])
    assert "1 is still getting ready" in sent(job).failure
    take_in(photos[2])
    assert (sent(job).state, job.failure, job.failure_code) == (JobState.QUEUED, "", "")
    assert len(scripted.orders[-1].photos) == 3


def test_an_order_that_waits_is_looked_at_again_by_itself(job):
    assert sent(job).next_action_at is not None
    assert job.lease_until is None


def test_a_photo_that_turns_out_unusable_keeps_its_order_from_going_out_without_it(job, photos, scripted, mara):
    refuse(photos[1])
    assert (sent(job).state, job.failure_code, job.charged) == (JobState.FAILURE, "photos", Job.Charged.NO)
    assert scripted.orders == []
    assert job.failure == (
        f"“{photos[1].display_name}” could not be used: This is not a photo. Nothing was sent and nothing was charged. "
        "Try again sends the other 2; or add another one and order anew."
    )
    take_in(photos[2])
    again = sent(retry(job, mara))
    assert (again.state, again.photo_count) == (JobState.QUEUED, 2)


def test_an_order_none_of_whose_photos_can_be_used_says_what_to_do(job, photos):
    for photo in photos:
        refuse(photo)
    assert "3 of its 3 photos, such as" in sent(job).failure
    assert "Add others to the set and order again." in job.failure


def test_a_photo_that_was_cropped_once_it_was_ready_is_sent_whole_as_ordered(job, photos, scripted):
    for photo in photos[1:]:
        take_in(photo)
    edit.crop(photos[1], LOWER_LEFT)
    processing.process(processing.CROP, photos[1].pk)
    sent(job)
    photos[1].refresh_from_db()
    assert job.job_photos.get(photo=photos[1]).file == photos[1].prepared


def test_a_waiting_order_can_be_stopped(job, mara):
    actions.cancel(sent(job), mara)
    assert sent(job).state == JobState.CANCELLED
