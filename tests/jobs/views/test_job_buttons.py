"""What can be pressed on a job's page: stop, delete, try again, start for real, clone, decide."""

from datetime import date

import pytest
from django.urls import reverse

from jobs.models import Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.consents import records
from jobs.operations.photos import edit, sent_copy
from tests.jobs import order_forms
from tests.jobs.factories import make_job, make_photos, make_set, photo_ids
from tests.jobs.job_pages import address, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(studio, mara) -> Job:
    return make_job(studio, mara, name="Rex", kind="training", state=JobState.SUCCESS)


def test_stopping_ones_own_job(as_mara, studio, mara):
    job = make_job(studio, mara, state=JobState.READY)
    page = as_mara.post(address(job, "job_cancel"), follow=True).content.decode()
    assert "Nothing was charged" in page
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED


def test_stopping_somebody_elses_job_is_for_admins(as_mara, as_ann, studio, jon):
    job = make_job(studio, jon, state=JobState.READY)
    assert as_mara.post(address(job, "job_cancel")).status_code == 403
    assert as_ann.post(address(job, "job_cancel")).status_code == 302


def test_what_cannot_be_done_is_said(as_mara, done):
    page = as_mara.post(address(done, "job_cancel"), follow=True).content.decode()
    assert "This job has already ended" in page


def test_deleting_offers_undo(as_ann, done):
    page = as_ann.post(address(done, "job_delete"), follow=True).content.decode()
    assert "is deleted. Its pictures stay in the gallery." in page
    assert f"{reverse('jobs_restore', args=[done.workspace.slug])}?ids={done.pk}" in page


def test_trying_again_makes_a_new_job(as_mara, studio, mara):
    key, photo_set = keys.practice_key(studio), make_set(studio, photo_count=3)
    photos = make_photos(photo_set, 3)
    ordered = {
        "kind": "training",
        "api_key": key,
        "photo_set": photo_set,
        "photos": photos,
        "base_model": "practice-sd15",
    }
    job = make_job(studio, mara, state="failure", **ordered)
    response = as_mara.post(address(job, "job_retry"))
    again = Job.objects.get(cloned_from=job)
    assert response["Location"] == address(again)


@pytest.fixture
def failed(studio, mara) -> Job:
    """A training that failed and cost nothing, with an order that can go out again."""
    photos = make_photos(make_set(studio, mara, photo_count=3), 3)
    told = {"kind": "training", "api_key": keys.practice_key(studio), "base_model": "practice-sd15"}
    told |= {"photo_set": photos[0].photo_set, "photos": photos}
    return make_job(studio, mara, state="failure", charged="no", **told)


def test_what_is_to_be_known_is_said_before_the_same_goes_out_again(as_mara, failed):
    records.note(failed.photo_set, failed.created_by, records.Noted("Anna", date(2026, 6, 1), date(2026, 6, 3), ""))
    first, second, third = failed.photo_set.photos.order_by("pk")
    edit.caption(first, "on a rock")
    edit.leave_out(second)
    response = as_mara.post(address(failed, "job_retry"))
    assert response.status_code == 409
    for words in ("Anna agreed until 3 June 2026", "1 photo taken out, 1 photo with another caption", "free"):
        assert words in response.text
    assert not Job.objects.filter(cloned_from=failed).exists()

    sent = {"sure": "1", "seen": sent_copy.fingerprint([first, third])}
    as_mara.post(address(failed, "job_retry"), sent)
    assert photo_ids(Job.objects.get(cloned_from=failed)) == [first.pk, third.pk]


def test_photos_that_changed_while_somebody_read_that_are_not_sent_again(as_mara, failed):
    response = as_mara.post(address(failed, "job_retry"), {"sure": "1", "seen": "others"}, follow=True)
    assert "changed since you looked" in response.text
    assert not Job.objects.filter(cloned_from=failed).exists()


def test_the_same_sent_a_moment_ago_is_said_before_it_goes_out_again(as_mara, failed):
    as_mara.post(address(failed, "job_retry"))
    twin = Job.objects.get(cloned_from=failed)
    Job.objects.filter(pk=twin.pk).update(state="success")
    assert "You sent the same " in as_mara.post(address(failed, "job_retry")).text
    Job.objects.filter(pk=twin.pk).update(state="failure", charged="no")
    as_mara.post(address(failed, "job_retry"))
    assert Job.objects.filter(cloned_from=failed).count() == 2


def test_a_good_rehearsal_opens_the_order_as_it_was(as_mara, as_vic, studio, failed):
    Job.objects.all().delete()
    typed = order_forms.begun(as_mara, studio) | {"token": "ukj", "name": "Rex", "t-steps": "900"}
    as_mara.post(order_forms.page(studio), typed | {"rehearse": "1"})
    rehearsed = Job.objects.get()
    assert "Start it for real" not in page_of(as_mara, rehearsed)
    Job.objects.update(state="success")
    assert "Start it for real" in page_of(as_mara, rehearsed)
    assert "Start it for real" not in page_of(as_vic, rehearsed)

    opened = as_mara.get(as_mara.get(address(rehearsed, "job_clone"))["Location"]).text
    assert "this is the order that was rehearsed" in opened
    assert as_mara.post(order_forms.page(studio), order_forms.filled(opened)).status_code == 302
    started = Job.objects.get(cloned_from=rehearsed)
    assert (started.dry_run, started.name, started.spec.token) == (False, "Rex", "ukj")
    assert started.spec.training["steps"] == 900
    assert started.spec.training == rehearsed.spec.training


@pytest.mark.parametrize(("kind", "page"), [("training", "new_training"), ("generation", "new_generation")])
def test_cloning_opens_the_form(as_mara, studio, mara, kind, page):
    job = make_job(studio, mara, kind=kind)
    expected = f"{reverse(page, args=[studio.slug])}?clone={job.pk}"
    assert as_mara.get(address(job, "job_clone"))["Location"] == expected


def test_deciding_needs_an_id(as_mara, studio, mara):
    job = make_job(studio, mara, state=JobState.UNCERTAIN, needs_decision=True)
    assert "It is not there, send again" in page_of(as_mara, job)
    assert "It is not there, forget it" in page_of(as_mara, job)
    page = as_mara.post(address(job, "job_decide"), {"there": "yes", "provider_job_id": " "}, follow=True)
    assert "Paste the id" in page.content.decode()
    assert Job.objects.get(pk=job.pk).needs_decision


@pytest.mark.parametrize("fields", [{}, {"there": ""}, {"there": "maybe"}, {"provider_job_id": "abc"}])
def test_a_decision_that_lost_its_answer_sends_nothing_again(as_mara, studio, mara, fields):
    job = make_job(studio, mara, state=JobState.UNCERTAIN, needs_decision=True)
    assert as_mara.post(address(job, "job_decide"), fields).status_code == 400
    job.refresh_from_db()
    assert (job.state, job.needs_decision) == (JobState.UNCERTAIN, True)
