"""A database that was restored from a backup: nothing that may have been sent since goes out again (B14)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from dashboard.models import Heartbeat, Installation
from dashboard.worker import broker
from jobs.models import Attempt, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import alerts, restores
from jobs.operations.jobs.actions import Decision, decide
from jobs.operations.jobs.order import create
from jobs.operations.jobs.submit import submit
from jobs.operations.sweep import sweep
from jobs.providers.base import Capability
from jobs.providers.reply import Snapshot, State
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.scripted import Scripted

MADE = timezone.now() - timedelta(hours=3)


@pytest.fixture(autouse=True)
def installed(db, redis: str, settings, tmp_path: Path) -> Installation:
    settings.DATA_DIR = tmp_path
    made = Installation.objects.create(owner_email="jon@example.com")
    restores.look()
    return made


def put_back(job: Job) -> Job:
    """The rows are again as in the backup, in which *job* waited to be sent."""
    job.attempts.all().delete()
    job.events.all().delete()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.READY, provider_job_id="", next_action_at=MADE, submitted_at=None, uncertain_since=None
    )
    Heartbeat.objects.update_or_create(worker=Heartbeat.SWEEP, defaults={"at": MADE})
    return again(job)


def after_a_while(job: Job) -> Job:
    """No request can be on its way any more."""
    Job.objects.filter(pk=job.pk).update(uncertain_since=timezone.now() - timedelta(minutes=1))
    return look(job)


@pytest.fixture
def restored(job: Job, scripted: Scripted) -> Job:
    """It was sent after the backup was made, which was then restored."""
    submit(job.pk)
    assert again(job).state == JobState.QUEUED
    return put_back(job)


def test_b14_what_was_sent_after_the_backup_is_not_sent_again(restored: Job, scripted: Scripted):
    submit(restored.pk)
    assert again(restored).state == JobState.UNCERTAIN
    assert "restored from a backup of" in told(restored)[-1]
    job = after_a_while(restored)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)
    assert "this order may already have been sent since. We could not find out" in told(job)[-1]


def test_b14_a_person_finds_it_at_the_provider_and_it_goes_on(restored: Job, scripted: Scripted, mara):
    submit(restored.pk)
    job = after_a_while(restored)
    decide(job, mara, Decision.THERE, "job-1")
    assert (again(job).state, job.restored_from, len(scripted.orders)) == (JobState.QUEUED, None, 1)


def test_b14_the_id_of_another_job_of_ours_is_still_not_believed(restored: Job, another, scripted: Scripted, mara):
    submit(restored.pk)
    job = after_a_while(restored)
    other = another("other")
    submit(other.pk)
    Job.objects.filter(pk=other.pk).update(provider_job_id="lost")
    with pytest.raises(NotPossible, match="is another one"):
        decide(job, mara, Decision.THERE, again(other).attempts.get().provider_job_id)


def test_b14_a_person_says_that_it_is_not_there_and_it_is_sent(restored: Job, scripted: Scripted, mara):
    scripted.jobs = {}
    submit(restored.pk)
    decide(after_a_while(restored), mara, Decision.SEND)
    submit(later(restored).pk)
    assert (again(restored).state, len(scripted.orders)) == (JobState.QUEUED, 2)


@pytest.fixture
def waiting(job: Job, another, scripted: Scripted) -> Job:
    """It waits in a restored database, and was not sent since; a job that was taken before it is known."""
    submit(job.pk)
    waits = another("younger")
    restores.mark()
    submit(waits.pk)
    assert again(waits).state == JobState.UNCERTAIN
    return waits


def test_b14_a_list_that_goes_back_far_enough_proves_that_it_was_not_sent(waiting: Job, scripted: Scripted):
    assert look(waiting).state == JobState.UNCERTAIN, "a request of before may still be on its way"
    job = after_a_while(waiting)
    assert (job.state, job.restored_from, job.needs_decision) == (JobState.READY, None, False)
    submit(job.pk)
    assert (again(job).state, len(scripted.orders)) == (JobState.QUEUED, 2)


def test_b14_a_list_without_a_job_that_we_know_proves_nothing(waiting: Job, scripted: Scripted):
    scripted.jobs = {}
    assert after_a_while(waiting).needs_decision


def test_b14_a_listed_job_that_calls_here_and_is_nobodys_may_be_it(waiting: Job, scripted: Scripted):
    scripted.jobs["x"] = Snapshot("x", State.RUNNING, callback_url="http://likeness.test/callbacks/forgotten/")
    assert after_a_while(waiting).needs_decision


def test_b14_where_nothing_is_listed_a_person_is_asked_at_once(restored: Job, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(scripted, "capabilities", frozenset({Capability.GENERATE}))
    submit(restored.pk)
    job = look(restored)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)


def test_b14_a_decision_of_before_is_asked_for_anew_with_the_reason(restored: Job):
    Job.objects.update(state=JobState.UNCERTAIN, needs_decision=True, uncertain_since=MADE)
    restores.look()
    assert not again(restored).needs_decision
    job = after_a_while(restored)
    assert job.needs_decision
    assert "restored from a backup" in told(job)[-1]


def test_b14_the_sweep_notices_it_and_says_when_the_backup_was_made(restored: Job):
    sweep()
    assert again(restored).restored_from == MADE
    (finding,) = alerts.restored()
    assert "1 order waits" in finding.said
    assert finding.at == MADE


def test_b14_running_jobs_and_what_costs_nothing_go_on(job: Job, another, scripted: Scripted, studio, mara, draft):
    submit(job.pk)
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    practice = create(studio, mara, replace(draft, api_key=keys.practice_key(studio)), "practice")
    assert restores.mark() == 0
    assert not Job.objects.exclude(restored_from=None).exists()
    submit(rehearsal.pk)
    assert [again(one).state for one in (job, rehearsal, practice)] == [JobState.QUEUED, JobState.QUEUED, "ready"]


def test_b14_a_restart_asks_nothing(job: Job, another, scripted: Scripted):
    for nonce in ("one", "two"):
        waits = another(nonce)
        restores.look()
        submit(waits.pk)
        assert again(waits).state == JobState.QUEUED
    assert again(job).restored_from is None


def test_b14_a_database_that_lives_elsewhere_was_restored(job: Job, scripted: Scripted):
    Installation.objects.update(home="elsewhere")
    submit(job.pk)
    assert (again(job).state, scripted.orders) == (JobState.UNCERTAIN, [])
    assert Installation.objects.get().home != "elsewhere"


def copy_witness() -> None:
    """The file lies there as a backup brings it: written now, with the words of a day ago."""
    file = restores._file()
    home, attempt, written = file.read_text().split()
    file.write_text(f"{home} {attempt} {float(written) - 86400:020.6f}\n")


def test_b14_only_a_file_that_is_gone_or_copied_says_so_and_an_emptied_redis_does_not(job: Job, settings):
    for forget in (copy_witness, lambda: restores._file().unlink()):
        Job.objects.update(restored_from=None)
        if connection.vendor == "sqlite":
            forget()
        else:
            broker.client().flushall()
        restores.look()
        assert (again(job).restored_from is not None) is (connection.vendor == "sqlite")
        restores.look()
        assert Job.objects.filter(restored_from=None).exists() is (connection.vendor != "sqlite")


def test_b14_a_redis_that_is_away_keeps_nothing_from_being_sent(job: Job, scripted: Scripted, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    broker.client.cache_clear()
    submit(job.pk)
    assert again(job).state == JobState.QUEUED


def test_b14_a_person_can_say_so(job: Job, scripted: Scripted, capsys, monkeypatch):
    monkeypatch.setattr("jobs.management.commands.restored.call_command", lambda *args, **options: None)
    call_command("restored")
    assert "since the backup was made: 1." in capsys.readouterr().out
    submit(job.pk)
    assert (again(job).state, scripted.orders) == (JobState.UNCERTAIN, [])


def test_b14_the_newest_attempt_is_what_the_witness_knows(job: Job, another, scripted: Scripted):
    for waits in (job, another("second")):
        submit(waits.pk)
        newest = Attempt.objects.latest("pk").pk
        assert not restores._is_behind()
        Attempt.objects.filter(pk=newest).delete()
        assert restores._is_behind()
        restores._settle()
