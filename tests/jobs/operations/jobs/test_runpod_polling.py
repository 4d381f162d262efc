"""Asking RunPod after jobs over real HTTP: what it says becomes the job, no answer changes nothing (§3b).

P24: RunPod tells no times. P27: there is one version of its API here, the second.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import ApiKey, Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.jobs.actions import can_be_cancelled, cancel
from tests.jobs.operations.at_runpod import Endpoint
from tests.jobs.operations.conftest import again, look, told
from tests.jobs.operations.resting import rest_on, rests
from tests.providers.emulators.runpod import Fault
from tests.providers.emulators.runpod.faults import refused
from tests.providers.emulators.runpod.output import packed_error

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

NO_ANSWERS = [Fault("hang", seconds=3), Fault("status", status=500), Fault("status", status=503), Fault("reset")]


def look_with(runpod: Endpoint, job: Job, fault: Fault | None) -> Job:
    runpod.plan("read", fault)
    return look(job)


@pytest.mark.parametrize("fault", NO_ANSWERS, ids=lambda fault: f"{fault.name}-{fault.status}")
def test_p20_no_answer_changes_nothing_but_the_next_question(runpod: Endpoint, fault: Fault):
    begun = timezone.now()
    job = look_with(runpod, runpod.send(), fault)
    assert (job.state, job.last_checked_at, job.failure) == (JobState.QUEUED, None, "")
    assert rests(job.next_action_at, begun, 2, 60)
    assert look(job).last_checked_at is not None


def test_p20_asked_too_often_the_questions_rest_too(runpod: Endpoint):
    begun = timezone.now()
    job = look_with(runpod, runpod.send(), refused(429, "slow", Retry_After="7"))
    assert rests(job.next_action_at, begun, 7, 7)
    rest_on()
    look(job)
    assert runpod.reads == 1


def test_p20_three_failures_open_the_circuit_of_this_key_and_one_question_a_minute_probes(runpod: Endpoint):
    job = runpod.send()
    runpod.emulator.faults.always("read", Fault("status", status=503))
    for _ in range(7):
        job = look(job)
    assert ApiKey.objects.get(pk=runpod.key.pk).is_paused
    assert runpod.reads == 3
    runpod.emulator.faults.behave()
    ApiKey.objects.update(paused_until=timezone.now())
    assert look(job).last_checked_at is not None


def test_p20_one_job_that_gets_no_answer_keeps_no_other_waiting(runpod: Endpoint):
    jobs = [runpod.send(), runpod.send()]
    Job.objects.update(next_action_at=timezone.now())
    runpod.plan("read", Fault("status", status=500))
    look(jobs[1])
    assert sorted(again(job).last_checked_at is not None for job in jobs) == [False, True]


@pytest.mark.parametrize("said", ["PAUSED", None, 7, {"a": 1}])
def test_p21_a_state_nobody_knows_keeps_what_we_had_and_is_told_once(runpod: Endpoint, said: object):
    job = runpod.send()
    for state in (said, "PAUSED", said):
        job = look_with(runpod, job, Fault("state", body=state))
    alerts = list(job.events.filter(kind="alert").values_list("sentence", flat=True))
    assert (job.state, len(alerts)) == (JobState.QUEUED, len(set(alerts)))
    assert runpod.finish(job).state == JobState.SUCCESS


def test_p21_a_run_that_is_over_in_a_state_nobody_knows_is_fetched_and_the_word_told(runpod: Endpoint):
    job = runpod.send()
    runpod.pass_there(60)
    job = look_with(runpod, job, Fault("ended", body="COMPLETED_WITH_WARNINGS"))
    assert (job.state, job.results_pending) == (JobState.SUCCESS, True)
    (told,) = job.events.filter(kind="alert").values_list("sentence", flat=True)
    assert told == (
        "RunPod says: “COMPLETED_WITH_WARNINGS”. We do not know this word, but the run is over, and what it made is "
        "fetched."
    )


@pytest.mark.parametrize("name", ["odd_types", "extra", "bare", "huge_numbers", "hostile", "echo"])
def test_p22_what_is_odd_in_an_answer_does_no_harm(runpod: Endpoint, name: str):
    job = runpod.send()
    runpod.pass_there(60)
    assert look_with(runpod, job, Fault(name)).state == JobState.SUCCESS


@pytest.mark.parametrize("name", ["huge", "nan", "twice_the_key", "half_json", "gzip_bomb", "other_job"])
def test_p22_an_answer_that_is_not_sound_is_no_answer(runpod: Endpoint, name: str):
    job = runpod.send()
    runpod.pass_there(60)
    assert look_with(runpod, job, Fault(name)).state == JobState.QUEUED
    assert look(job).state == JobState.SUCCESS


@pytest.mark.parametrize("name", ["progress", "early_output"])
def test_p22_output_before_the_end_is_no_result(runpod: Endpoint, name: str):
    job = runpod.send()
    runpod.pass_there(2)
    job = look_with(runpod, job, Fault(name))
    assert (job.state, job.results_pending, GeneratedImage.objects.count()) == (JobState.RUNNING, False, 0)


def test_p23_running_after_queued_never_goes_back(runpod: Endpoint):
    job = runpod.send()
    runpod.pass_there(2)
    assert look(job).state == JobState.RUNNING
    assert look_with(runpod, job, Fault("backwards")).state == JobState.RUNNING


def test_p25_a_job_that_runpod_forgot_is_lost_after_three_checks_over_ten_minutes(runpod: Endpoint):
    job = runpod.send()
    runpod.pass_there(60 + 1800)
    for _ in range(4):
        job = look(job)
        assert job.state == JobState.QUEUED
    Job.objects.update(not_found_since=timezone.now() - timedelta(minutes=10))
    job = look(job)
    assert (job.state, job.charged, job.failure_code) == (JobState.LOST, Job.Charged.UNKNOWN, "lost")


def test_p25_one_404_in_between_loses_nothing(runpod: Endpoint):
    job = look_with(runpod, runpod.send(), refused(404))
    assert job.state == JobState.QUEUED
    assert runpod.finish(job).state == JobState.SUCCESS


def test_p26_a_job_is_asked_after_well_within_the_half_hour_that_it_is_remembered(runpod: Endpoint):
    runpod.plan("life", Fault("never_ends"))
    job = runpod.send()
    Job.objects.update(submitted_at=timezone.now() - timedelta(days=2))
    job = runpod.finish(job)
    assert job.state == JobState.RUNNING
    assert (job.next_action_at - timezone.now()).total_seconds() < 300
    assert job.events.filter(kind="overdue").count() == 1


def test_p26_a_run_that_its_limit_ended_says_so(runpod: Endpoint):
    runpod.plan("life", Fault("times_out"))
    job = runpod.send()
    runpod.pass_there(runpod.emulator.service.jobs[job.provider_job_id].limit + 5)
    job = look(job)
    assert (job.state, "time limit" in job.failure) == (JobState.FAILURE, True)


@pytest.mark.parametrize(
    ("fault", "kept", "missing"),
    [("no_output", 0, 3), ("no_results", 0, 3), ("few_results", 2, 1), ("local_paths", 1, 2), ("", 3, 0)],
)
def test_p28_a_success_with_less_than_was_ordered_names_what_is_missing(runpod: Endpoint, fault, kept, missing):
    """Two pictures and the model."""
    job = runpod.send()
    runpod.pass_there(60)
    job = runpod.fetch(look_with(runpod, job, Fault(fault) if fault else None))
    assert job.state == JobState.SUCCESS
    assert (job.image_count + job.checkpoint_count, job.missing_count) == (kept, missing)


def test_p28_the_other_documented_shape_brings_its_pictures(runpod: Endpoint):
    runpod.key = runpod.add_key(bucket=False)
    job = runpod.send(runpod.order(prompts=2))
    runpod.pass_there(60)
    job = runpod.fetch(look_with(runpod, job, Fault("listed")))
    assert (job.image_count, job.missing_count) == (4, 0)


def test_p28_pictures_stand_with_their_prompt_and_their_seed(runpod: Endpoint):
    job = runpod.fetch(runpod.finish(runpod.send(runpod.order({"seed": 7}, prompts=2))))
    rows = job.generated_images.order_by("position").values_list("prompt", "seed")
    assert [seed for _, seed in rows] == [7, 8, 7, 8]
    assert Checkpoint.objects.get(job=job).state == Checkpoint.State.KEPT


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("CUDA out of memory\nTraceback …", "CUDA out of memory"),
        (["first", "second"], "first (and 1 more)"),
        (packed_error("<class 'RuntimeError'>", "No such repository"), "No such repository"),
    ],
)
def test_a_failure_shows_its_first_line_and_keeps_the_rest_for_admins(runpod: Endpoint, error: object, said: str):
    job = runpod.send()
    runpod.emulator.fail(job.provider_job_id, error)
    job = look(job)
    assert (job.state, said in job.failure, "Traceback" in job.failure) == (JobState.FAILURE, True, False)


def test_p29_a_job_is_stopped_there_and_what_runpod_says_then_counts(runpod: Endpoint):
    job = runpod.send()
    assert can_be_cancelled(job)
    for _ in range(2):
        cancel(again(job), runpod.mara)
    job = look(job)
    assert (job.state, len(runpod.seen("POST", "/v2/dream-booth-v1/cancel/"))) == (JobState.CANCELLED, 1)


def test_p29_a_job_that_ended_before_it_could_be_stopped_succeeds(runpod: Endpoint):
    job = runpod.send()
    runpod.plan("cancel", Fault("finished_first"))
    cancel(job, runpod.mara)
    job = runpod.fetch(look(job))
    assert (job.state, job.image_count) == (JobState.SUCCESS, 2)


def test_p29_a_stop_that_was_not_heard_is_asked_for_again(runpod: Endpoint):
    job = runpod.send()
    runpod.plan("cancel", Fault("status", accept=False, status=500), None)
    cancel(job, runpod.mara)
    assert look(job).state == JobState.QUEUED
    assert look(job).state == JobState.CANCELLED


def test_p30_a_key_that_is_no_longer_accepted_lets_jobs_wait_and_a_new_one_lets_them_go_on(runpod: Endpoint):
    jobs = [runpod.send() for _ in range(2)]
    runpod.emulator.service.accounts.clear()
    for job in jobs:
        look(job)
    assert {again(job).failure_code for job in jobs} == {"waiting_for_key"}
    assert {job.state for job in jobs} == {JobState.QUEUED}

    runpod.emulator.service.open_account("rp-another-key")
    keys.replace(runpod.key, runpod.owner, "rp-another-key")
    runpod.pass_there(60)
    look(jobs[0])
    assert {(again(job).state, job.failure) for job in jobs} == {(JobState.SUCCESS, "")}


def test_a_job_that_only_waits_says_that_no_worker_is_up(runpod: Endpoint):
    runpod.emulator.service.hire(0)
    job = runpod.send()
    Job.objects.update(submitted_at=timezone.now() - timedelta(seconds=90))
    job = look(job)
    assert (job.state, "No worker" in job.queue_reason) == (JobState.QUEUED, True)
    runpod.emulator.service.hire(1)
    assert runpod.finish(job).state == JobState.SUCCESS
    assert "RunPod has finished." in told(job)
