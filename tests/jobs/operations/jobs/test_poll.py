"""Asking after jobs: what a provider says becomes the job's state; no answer changes nothing (P20-P30)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.models import Workspace
from jobs.models import ApiKey, GeneratedImage, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.jobs.poll import poll_key
from jobs.operations.jobs.snapshot import apply
from jobs.operations.jobs.submit import submit
from jobs.providers import errors
from jobs.providers.base import Capability
from jobs.providers.reply import Snapshot, State
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.scripted import Scripted, image


def test_a_job_follows_what_the_provider_says(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", queue_position=3)
    assert look(sent).queue_position == 3
    scripted.becomes("job-1", state=State.RUNNING, raw_state="running", percent=40)
    job = look(sent)

    assert (job.state, job.percent, job.queue_position) == (JobState.RUNNING, 40, None)
    assert job.started_at is not None
    assert told(job)[-1] == "Scripted started working on it."


def test_success_is_final_charged_and_wants_its_results(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", state=State.SUCCESS, artifacts=(image("a"), image("b")))
    job = look(sent)

    assert (job.state, job.percent, job.charged) == (JobState.SUCCESS, 100, Job.Charged.YES)
    assert job.results_pending
    assert job.generated_images.filter(state=GeneratedImage.State.WAITING).count() == 2
    assert job.finished_at is not None


def test_failure_tells_the_providers_reason_and_what_it_may_have_cost(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", state=State.FAILURE, failure="CUDA out of memory")
    job = look(sent)

    assert (job.state, job.charged) == (JobState.FAILURE, Job.Charged.UNKNOWN)
    assert job.failure.startswith("CUDA out of memory. ")
    assert job.next_action_at is None


def test_a_look_that_finds_nothing_new_is_no_visible_change(sent: Job, scripted: Scripted, studio: Workspace):
    job = look(sent)
    studio.refresh_from_db()
    before = studio.version
    first_look = job.last_checked_at

    job = look(job)
    studio.refresh_from_db()
    assert studio.version == before
    assert job.last_checked_at > first_look


def test_every_visible_change_raises_the_version_of_job_and_workspace(sent: Job, scripted: Scripted, studio: Workspace):
    scripted.becomes("job-1", state=State.RUNNING, percent=10)
    job = look(sent)
    studio.refresh_from_db()
    assert job.version == studio.version > sent.version - 1


def test_p20_no_answer_changes_nothing_but_the_next_question(sent: Job, key: ApiKey, scripted: Scripted):
    scripted.trouble = errors.Unavailable("timeout")
    job = look(sent)

    assert (job.state, job.last_checked_at) == (JobState.QUEUED, None)
    assert job.next_action_at > timezone.now()
    key.refresh_from_db()
    assert (key.failures_in_row, key.paused_until) == (1, None)


def test_p20_after_three_failures_the_key_rests_and_then_one_question_tries_again(sent: Job, key: ApiKey, scripted):
    scripted.trouble = errors.Unavailable("timeout")
    for _ in range(3):
        look(sent)
    key.refresh_from_db()
    assert key.is_paused
    asked = scripted.lists
    job = look(sent)
    assert scripted.lists == asked
    assert job.next_action_at == key.paused_until

    scripted.trouble = None
    ApiKey.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    look(sent)
    key.refresh_from_db()
    assert (key.failures_in_row, key.paused_until, scripted.lists) == (0, None, asked + 1)


def test_p21_a_state_nobody_knows_is_told_once_and_changes_nothing(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", state=State.UNKNOWN, raw_state="paused\x00")
    look(sent)
    job = look(sent)

    assert job.state == JobState.QUEUED
    assert len([sentence for sentence in told(job) if "“paused”" in sentence]) == 1


@pytest.mark.parametrize("percent", [None, -5, 10**9])
def test_p22_odd_numbers_do_no_harm(sent: Job, scripted: Scripted, percent: int | None):
    scripted.becomes(
        "job-1", state=State.RUNNING, percent=percent, queue_position=-7, raw={"a\x00": ["\ud800", {"b": 1}]}
    )
    job = look(sent)
    assert job.state == JobState.RUNNING
    assert 0 <= job.percent <= 100


def test_p23_nothing_goes_backwards(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", state=State.RUNNING, percent=60)
    look(sent)
    scripted.becomes("job-1", state=State.RUNNING, percent=30)
    assert look(sent).percent == 60
    scripted.becomes("job-1", state=State.QUEUED, percent=None)
    assert look(sent).state == JobState.RUNNING
    scripted.becomes("job-1", state=State.SUCCESS)
    look(sent)
    apply(sent.pk, Snapshot("job-1", State.RUNNING, percent=1))
    assert again(sent).state == JobState.SUCCESS


def test_p25_a_job_nobody_knows_any_more_is_lost_after_three_looks_over_ten_minutes(sent: Job, scripted: Scripted):
    scripted.jobs.clear()
    for _ in range(4):
        job = look(sent)
        assert job.state == JobState.QUEUED
    Job.objects.update(not_found_since=timezone.now() - timedelta(minutes=11))
    job = look(sent)

    assert (job.state, job.failure_code) == (JobState.LOST, "lost")
    assert "no longer knows this job" in told(job)[-1]


def test_p25_one_that_turns_up_again_starts_counting_anew(sent: Job, scripted: Scripted):
    kept = dict(scripted.jobs)
    scripted.jobs.clear()
    look(sent)
    scripted.jobs.update(kept)
    job = look(sent)
    assert (job.not_found_since, job.tries) == (None, 0)


def test_p26_a_job_that_takes_unusually_long_says_so_once_and_is_asked_after_on(sent: Job, scripted: Scripted):
    Job.objects.update(submitted_at=timezone.now() - timedelta(hours=2))
    look(sent)
    job = look(sent)
    assert job.events.filter(kind="overdue").count() == 1
    assert job.state == JobState.QUEUED
    assert job.next_action_at is not None


def test_p30_a_key_refused_while_asking_lets_jobs_wait_and_go_on_when_it_is_replaced(
    sent: Job, key: ApiKey, jon, scripted: Scripted
):
    scripted.trouble = errors.KeyRefused("401")
    job = look(sent)
    assert (job.state, job.failure_code) == (JobState.QUEUED, "waiting_for_key")
    asked = scripted.lists
    look(sent)
    assert scripted.lists == asked, "a refused key is not asked with again"

    scripted.trouble = None
    keys.replace(key, jon, "sk-another-0123456789-01")
    scripted.becomes("job-1", state=State.RUNNING)
    poll_key(key.pk, job.kind)
    assert (again(job).state, job.failure) == (JobState.RUNNING, "")


def test_p30_jobs_of_a_revoked_key_go_on_with_the_next_one_of_the_provider(
    sent: Job, key: ApiKey, jon, studio, scripted
):
    keys.revoke(key, jon)
    assert look(sent).failure_code == "waiting_for_key"
    fresh = keys.add(studio, jon, "scripted", "New key", "sk-another-0123456789-01")
    scripted.becomes("job-1", state=State.SUCCESS)
    poll_key(fresh.pk, sent.kind)
    assert again(sent).state == JobState.SUCCESS


def test_f7_one_list_refreshes_all_jobs_of_a_key_and_only_what_fell_off_is_read_singly(
    sent: Job, another, scripted: Scripted, monkeypatch
):
    jobs = [sent, *(another(f"n{number}") for number in range(5))]
    for one in jobs[1:]:
        submit(one.pk)
    monkeypatch.setattr(Scripted, "list_length", 4)
    for one in jobs:
        later(one)
    poll_key(sent.api_key_id, sent.kind)
    assert (scripted.lists, scripted.reads) == (1, 2)
    assert not Job.objects.filter(last_checked_at=None).exists()


def test_one_job_without_an_answer_holds_up_no_other(sent: Job, another, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(scripted, "capabilities", frozenset({Capability.GENERATE}))
    other = another("other")
    submit(other.pk)
    read = scripted.read
    monkeypatch.setattr(
        scripted, "read", lambda kind, id_, opened: read(kind, id_, opened) if id_ == "job-2" else unavailable()
    )
    later(other)
    look(sent)
    assert again(sent).last_checked_at is None
    assert again(other).last_checked_at is not None


def unavailable():
    raise errors.Unavailable("timeout")


def test_one_job_we_fail_over_holds_up_no_other(sent: Job, another, scripted: Scripted):
    other = another("other")
    submit(other.pk)
    Job.objects.filter(pk=sent.pk).update(order={"generations": "odd"})
    scripted.becomes("job-1", artifacts=(image("a"),))
    scripted.becomes("job-2", state=State.RUNNING)
    for _ in range(4):
        later(other)
        look(sent)

    assert again(other).state == JobState.RUNNING
    assert again(sent).state == JobState.QUEUED
    assert sent.events.filter(kind="alert").count() == 1
    assert (sent.next_action_at - timezone.now()).total_seconds() > 500


def test_p14_a_rehearsal_that_cannot_be_asked_after_ends_by_itself_and_costs_nothing(
    studio, mara, draft, scripted: Scripted, settings
):
    settings.PUBLIC_URL = "https://likeness.studio-pip.com"
    from dataclasses import replace

    from jobs.operations.jobs.order import create
    from jobs.providers.reply import Receipt

    scripted.answers = [lambda order: Receipt("TEST_1")]
    job = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit(job.pk)
    assert (again(job).state, job.charged) == (JobState.QUEUED, Job.Charged.NO)
    assert (job.next_action_at - timezone.now()).total_seconds() > 500
    job = look(job)

    assert (job.state, job.charged, scripted.lists, scripted.reads) == (JobState.SUCCESS, Job.Charged.NO, 0, 0)
    assert "rehearsal went well" in told(job)[-1]
