"""What people press on a job: cancel, check again, try again, delete and bring back (P29)."""

import pytest
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.models import Job, JobState, Photo, PhotoSet
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import can_be_cancelled, cancel, check_again, delete, restore
from jobs.operations.jobs.order import retry
from jobs.operations.jobs.submit import submit
from jobs.operations.photos import sent_copy
from jobs.providers import errors
from jobs.providers.base import Capability
from jobs.providers.order import Kind
from jobs.providers.reply import State
from tests.jobs.factories import photo_ids
from tests.jobs.operations.conftest import again, look, told
from tests.jobs.operations.scripted import Scripted, says
from tests.jobs.operations.threads import at_once


def test_a_job_that_was_not_sent_is_cancelled_at_once(job: Job, mara, scripted: Scripted):
    cancel(job, mara)
    submit(job.pk)
    assert (again(job).state, job.charged, scripted.orders) == (JobState.CANCELLED, Job.Charged.NO, [])
    assert told(job)[-1] == "Mara cancelled this job before it was sent. Nothing was charged."


def test_a_job_at_the_provider_is_stopped_there(sent: Job, mara, scripted: Scripted):
    cancel(sent, mara)
    assert again(sent).state == JobState.QUEUED
    job = look(sent)
    assert (job.state, scripted.cancelled) == (JobState.CANCELLED, ["job-1"])


def test_p29_a_result_that_was_faster_than_the_stop_counts(sent: Job, mara, scripted: Scripted):
    cancel(sent, mara)
    scripted.becomes("job-1", state=State.SUCCESS)
    assert look(sent).state == JobState.SUCCESS


def test_p29_stopping_twice_is_stopping_once(sent: Job, mara, scripted: Scripted):
    cancel(sent, mara)
    cancel(sent, mara)
    assert sum("asked to stop" in sentence for sentence in told(sent)) == 1
    look(sent)
    with pytest.raises(NotPossible):
        cancel(sent, mara)


def test_a_stop_asked_while_the_answer_is_lost_is_passed_on_when_the_job_is_found(job: Job, mara, scripted: Scripted):
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit(job.pk)
    cancel(job, mara)
    look(job)
    job = look(job)
    assert (job.state, scripted.cancelled) == (JobState.CANCELLED, ["job-1"])


def test_a_stop_asked_while_sending_keeps_an_unsent_job_from_going_out_again(job: Job, mara, scripted: Scripted):
    def stop_then_fail(order):
        cancel(job, mara)
        raise errors.Unsent("No route.")

    scripted.answers = [stop_then_fail]
    submit(job.pk)
    assert (again(job).state, job.charged) == (JobState.CANCELLED, Job.Charged.NO)


def test_a_provider_that_cannot_stop_jobs_is_not_asked_to(sent: Job, mara, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(scripted, "capabilities", frozenset({Capability.GENERATE, Capability.LIST}))
    assert not can_be_cancelled(sent)
    with pytest.raises(NotPossible, match="cannot stop"):
        cancel(sent, mara)


def test_check_again_makes_the_next_look_due(sent: Job, mara):
    Job.objects.update(next_action_at=None)
    check_again(sent, mara)
    assert again(sent).next_action_at <= timezone.now()


def test_try_again_is_a_new_job_with_the_same_order(job: Job, mara, scripted: Scripted):
    scripted.answers = says(errors.NoCredit("403"))
    submit(job.pk)
    fresh = retry(again(job), mara)

    assert fresh != job
    assert (fresh.cloned_from, fresh.spec, fresh.api_key) == (job, job.spec, job.api_key)
    assert told(fresh) == ["Mara started this job again, with the order of “Rex”."]
    assert again(job).state == JobState.FAILURE


def test_a_retry_can_be_tried_again(job: Job, mara, scripted: Scripted):
    scripted.answers = says(*[errors.NoCredit("403")] * 2)
    submit(job.pk)
    first = retry(again(job), mara)
    submit(first.pk)
    assert retry(again(job), mara) not in (first, job)


def test_a_retry_trains_on_the_photos_of_its_first_try(job: Job, mara, studio):
    photo_set = PhotoSet.objects.create(workspace=studio, name="Rex")
    photos = [
        Photo.objects.create(workspace=studio, photo_set=photo_set, upload_nonce=str(n), state=Photo.State.READY)
        for n in range(3)
    ]
    Job.objects.update(kind=Kind.TRAINING, photo_set=photo_set, photo_count=2, state=JobState.FAILURE)
    sent_copy.freeze(job, photos[:2])
    assert photo_ids(retry(again(job), mara)) == [photo.pk for photo in photos[:2]]


def test_a_retry_takes_another_key_when_its_own_was_revoked(sent: Job, mara, jon, key, studio):
    keys.revoke(key, jon)
    Job.objects.update(state=JobState.FAILURE)
    with pytest.raises(NotPossible):
        retry(again(sent), mara)
    fresh = keys.add(studio, jon, "scripted", "New key", "sk-another-0123456789-01")
    assert retry(again(sent), mara).api_key == fresh


@pytest.mark.django_db(transaction=True)
def test_try_again_pressed_ten_times_at_once_is_one_job(job: Job, mara, scripted: Scripted):
    scripted.answers = says(errors.NoCredit("403"))
    submit(job.pk)
    assert len(set(at_once(10, lambda: retry(Job.objects.get(pk=job.pk), mara).pk))) == 1


def test_a_job_under_way_is_not_deleted(sent: Job, mara):
    with pytest.raises(NotPossible):
        delete(sent, mara)
    assert again(sent).deleted_at is None


def test_a_deleted_job_can_be_brought_back(sent: Job, mara, scripted: Scripted):
    scripted.becomes("job-1", state=State.FAILURE)
    job = look(sent)
    before = job.version
    delete(job, mara)
    delete(job, mara)
    assert not Job.objects.present().exists()
    assert again(job).version == before + 1
    restore(job, mara)
    assert Job.objects.present().get() == job
    assert AuditEntry.objects.filter(action__startswith="job.").count() == 2
