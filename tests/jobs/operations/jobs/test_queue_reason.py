"""Why a job only waits is asked for seldom, and said where the job is."""

import pytest
from django.urls import reverse

from jobs.models import Job, JobState, Lease
from jobs.operations.clock import in_seconds
from jobs.providers import errors
from jobs.providers.reply import State
from tests.jobs.operations.conftest import again, look
from tests.jobs.operations.scripted import Scripted

pytestmark = pytest.mark.django_db

REASON = "No machine works for this endpoint at the moment."


@pytest.fixture
def explains(scripted: Scripted, monkeypatch) -> list[str]:
    """The scripted provider, which now says why jobs wait there; and with which accounts it was asked."""
    asked: list[str] = []
    said = lambda self, opened: asked.append(opened.account) or REASON  # noqa: E731
    monkeypatch.setattr(Scripted, "why_waiting", said)
    return asked


def waits_for(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(submitted_at=in_seconds(-seconds))


def test_a_job_that_waits_for_long_says_why_on_its_card_and_its_page(sent: Job, explains, as_jon):
    waits_for(sent, 61)
    version = sent.version
    job = look(sent)
    assert (job.queue_reason, explains) == (REASON, [str(sent.api_key_id)])
    assert job.version > version
    assert REASON in as_jon.get(reverse("jobs", args=["studio"])).text
    assert REASON in as_jon.get(reverse("job", args=["studio", job.pk])).text


def test_nobody_wonders_about_a_job_that_has_only_just_come(sent: Job, explains):
    assert look(sent).queue_reason == ""
    assert explains == []


def test_it_is_asked_once_a_minute_for_all_jobs_of_a_key(sent: Job, another, explains):
    waits_for(sent, 61)
    look(sent)
    Lease.objects.exclude(name__startswith="queue:").delete()
    Lease.objects.filter(name__startswith="queue:").update(until=in_seconds(30))
    Job.objects.update(next_action_at=in_seconds(-1))
    from jobs.operations.jobs.poll import poll_key

    poll_key(sent.api_key_id, sent.kind)
    assert len(explains) == 1


def test_a_job_that_runs_says_no_longer_why_it_waited(sent: Job, explains, scripted: Scripted, as_jon):
    waits_for(sent, 61)
    look(sent)
    scripted.becomes("job-1", state=State.RUNNING)
    assert look(sent).state == JobState.RUNNING
    assert REASON not in as_jon.get(reverse("job", args=["studio", sent.pk])).text


def test_a_reason_that_is_over_is_taken_back(sent: Job, explains, monkeypatch):
    waits_for(sent, 61)
    look(sent)
    monkeypatch.setattr(Scripted, "why_waiting", lambda self, opened: "")
    assert look(sent).queue_reason == ""


NO_ANSWERS = [errors.Unavailable("timeout"), errors.NotThere("404"), errors.TooMany("429", wait=9)]


@pytest.mark.parametrize("error", NO_ANSWERS)
def test_no_answer_to_that_changes_nothing(sent: Job, explains, monkeypatch, error):
    def refuse(self, opened):
        raise error

    monkeypatch.setattr(Scripted, "why_waiting", refuse)
    waits_for(sent, 61)
    job = look(sent)
    assert (job.queue_reason, job.state) == ("", JobState.QUEUED)
    assert job.last_checked_at is not None


def test_a_reason_of_any_length_with_anything_in_it_is_shown_unharmed(sent: Job, monkeypatch, as_jon):
    monkeypatch.setattr(Scripted, "why_waiting", lambda self, opened: "<script>\x00" + "x" * 10_000)
    waits_for(sent, 61)
    assert len(again(look(sent)).queue_reason) <= 300
    page = as_jon.get(reverse("job", args=["studio", sent.pk])).text
    assert "&lt;script&gt;" in page
    assert "<script>x" not in page
