"""Where a provider forgets jobs, our own silence about them is said before it costs results."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from dashboard.monitoring import condition
from jobs.models import Job, JobState
from jobs.operations.clock import in_seconds
from jobs.operations.jobs.submit import submit
from tests.jobs.operations.conftest import look
from tests.jobs.operations.scripted import Scripted

pytestmark = pytest.mark.django_db

ALARM = "minutes nobody could ask Scripted about"


@pytest.fixture
def forgetful(scripted: Scripted, monkeypatch) -> Scripted:
    monkeypatch.setattr(Scripted, "forgets_after", timedelta(minutes=30))
    return scripted


def silent(job: Job, minutes: float, **fields) -> None:
    moment = in_seconds(-60 * minutes)
    Job.objects.filter(pk=job.pk).update(submitted_at=moment, last_checked_at=moment, **fields)
    caches["fragments"].clear()


def home(client) -> str:
    return client.get(reverse("gallery", args=["studio"])).text


def test_an_admin_reads_on_every_page_that_nobody_could_ask_for_too_long(sent, forgetful, as_ann, as_jon):
    silent(sent, 16)
    said = "For 16 minutes nobody could ask Scripted about 1 job. Scripted forgets a job 30 minutes after it has ended"
    for client in (as_ann, as_jon):
        assert said in home(client)
        assert said in client.get(reverse("team", args=["studio"])).text


def test_editors_viewers_and_other_workspaces_do_not(sent, forgetful, as_mara, as_vic, sam, elsewhere, as_sam):
    silent(sent, 16)
    assert not [client for client in (as_mara, as_vic) if ALARM in home(client)]
    assert ALARM not in as_sam.get(reverse("gallery", args=["elsewhere"])).text


@pytest.mark.parametrize(
    ("minutes", "fields"),
    [(14, {}), (99, {"state": JobState.SUCCESS}), (99, {"is_pollable": False}), (99, {"state": JobState.READY})],
)
def test_nothing_is_said_while_there_is_time_or_nothing_to_ask_after(sent, forgetful, as_jon, minutes, fields):
    silent(sent, minutes, **fields)
    assert ALARM not in home(as_jon)


def test_a_provider_that_forgets_nothing_raises_no_alarm(sent, as_jon):
    silent(sent, 99)
    assert ALARM not in home(as_jon)


def test_a_job_that_was_never_answered_for_counts_from_when_it_was_sent(sent, forgetful, as_jon):
    silent(sent, 20)
    Job.objects.update(last_checked_at=None)
    assert "For 20 minutes" in home(as_jon)


def test_it_is_over_as_soon_as_somebody_has_asked(sent, forgetful, as_jon):
    silent(sent, 16)
    look(sent)
    caches["fragments"].clear()
    assert ALARM not in home(as_jon)


def test_pages_ask_for_it_at_most_every_few_seconds(sent, another, forgetful, as_jon):
    submit(another("other").pk)
    silent(sent, 16)
    home(as_jon)
    before = caches["fragments"].get(f"alarms:{sent.workspace_id}")
    assert len(before) == 1
    Job.objects.all().update(state=JobState.SUCCESS)
    assert ALARM in home(as_jon)


def test_whoever_looks_after_the_server_finds_it_on_the_system_page(sent, forgetful):
    silent(sent, 16)
    finding = next(each for each in condition.examine().troubles if each.name == "Questions to Scripted")
    assert finding.tone == "bad"
    assert finding.said == "1 job is not asked about, and forgotten there 30 minutes after the end. Last answer"
    assert finding.at is not None
