"""Asking dreamlook after jobs over real HTTP: what it says becomes the job, no answer changes nothing (§3b)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import can_be_cancelled, cancel
from jobs.operations.jobs.poll import poll_key
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.resting import rest_on, rests
from tests.providers.emulators.dreamlook import Fault

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

NO_ANSWERS = [Fault("hang", seconds=3), Fault("status", status=500), Fault("status", status=503), Fault("reset")]


@pytest.mark.parametrize("fault", NO_ANSWERS, ids=lambda fault: f"{fault.name}-{fault.status}")
def test_p20_no_answer_changes_nothing_but_the_next_question(dreamlook: Studio, fault: Fault):
    sent, begun = dreamlook.send(), timezone.now()
    dreamlook.plan("list", fault)
    job = look(sent)
    assert (job.state, job.last_checked_at, job.failure) == (JobState.QUEUED, None, "")
    assert rests(job.next_action_at, begun, 2, 60)
    assert look(job).last_checked_at is not None


def test_p20_asked_too_often_the_questions_rest_too(dreamlook: Studio):
    sent, begun = dreamlook.send(), timezone.now()
    busy = Fault("status", status=429, body={"detail": "slow"}, headers={"Retry-After": "7"})
    dreamlook.plan("list", busy)
    job = look(sent)
    assert rests(job.next_action_at, begun, 7, 7)
    rest_on()
    look(job)
    assert dreamlook.lists == 1


def test_p20_three_failures_open_the_circuit_of_this_key_only_and_one_question_a_minute_probes(dreamlook: Studio):
    job = dreamlook.send()
    dreamlook.emulator.faults.always("list", Fault("status", status=503))
    for _ in range(3):
        look(job)
    key = ApiKey.objects.get(pk=dreamlook.key.pk)
    assert 55 < (key.paused_until - timezone.now()).total_seconds() <= 60
    assert look(job).next_action_at == key.paused_until
    assert dreamlook.lists == 3

    ApiKey.objects.update(paused_until=timezone.now())
    look(job)
    assert dreamlook.lists == 4, "one probe"
    assert ApiKey.objects.get(pk=key.pk).is_paused, "and another minute of rest"

    dreamlook.emulator.faults.behave()
    ApiKey.objects.update(paused_until=timezone.now())
    assert look(job).last_checked_at is not None
    assert not ApiKey.objects.get(pk=key.pk).is_paused


@pytest.mark.parametrize("said", ["paused", "QUEUED", None, 7, {"a": 1}])
def test_p21_a_state_nobody_knows_keeps_what_we_had_and_is_told_once_for_each_word(dreamlook: Studio, said: object):
    job = dreamlook.send()
    for state in (said, "paused", said, "resting"):
        dreamlook.plan("list", Fault("state", body=state))
        job = look(job)
    assert job.state == JobState.QUEUED
    alerts = list(job.events.filter(kind="alert").values_list("sentence", flat=True))
    assert len(alerts) == len(set(alerts))
    assert {"paused", "resting"} <= {word for one in alerts for word in one.replace("“", "”").split("”")}
    assert dreamlook.finish(job).state == JobState.SUCCESS


@pytest.mark.parametrize("name", ["odd_types", "extra", "bare", "huge_numbers", "hostile", "doubled", "shuffled"])
def test_p22_what_is_odd_in_an_answer_does_no_harm(dreamlook: Studio, name: str):
    job = dreamlook.send()
    dreamlook.pass_there(60)
    dreamlook.plan("list", Fault(name))
    assert look(job).state == JobState.SUCCESS


@pytest.mark.parametrize("name", ["huge", "nan", "twice_the_key", "half_json", "no_list", "gzip_bomb"])
def test_p22_an_answer_that_is_not_sound_is_no_answer(dreamlook: Studio, name: str):
    job = dreamlook.send()
    dreamlook.pass_there(60)
    dreamlook.plan("list", Fault(name))
    assert look(job).state == JobState.QUEUED
    assert look(job).state == JobState.SUCCESS


def test_p23_a_job_that_ended_stays_ended_whatever_is_said_later(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send())
    events = told(job)
    dreamlook.plan("list", Fault("backwards"))
    other = dreamlook.send()
    look(other)
    assert (again(job).state, told(job)) == (JobState.SUCCESS, events)


def test_p23_running_after_queued_never_goes_back(dreamlook: Studio, caplog):
    job = dreamlook.send()
    dreamlook.pass_there(1.2)
    assert look(job).state == JobState.RUNNING
    dreamlook.plan("list", Fault("backwards"))
    caplog.set_level("INFO")
    assert look(job).state == JobState.RUNNING
    assert "it stays running" in caplog.text


def test_p25_a_job_that_dreamlook_forgot_is_lost_after_three_checks_over_ten_minutes(dreamlook: Studio):
    job = dreamlook.send()
    dreamlook.emulator.service.jobs.clear()
    for _ in range(4):
        job = look(job)
        assert job.state == JobState.QUEUED
    Job.objects.update(not_found_since=timezone.now() - timedelta(minutes=10))
    job = look(job)
    assert (job.state, job.charged, job.failure_code) == (JobState.LOST, Job.Charged.UNKNOWN, "lost")
    assert "may have been charged" in job.failure


def test_p26_a_job_that_never_ends_is_said_to_take_long_and_asked_after_slowly(dreamlook: Studio):
    dreamlook.plan("life", Fault("never_ends"))
    job = dreamlook.send()
    Job.objects.update(submitted_at=timezone.now() - timedelta(days=2))
    for _ in range(3):
        job = dreamlook.finish(job)
    assert job.state == JobState.RUNNING
    assert job.events.filter(kind="overdue").count() == 1
    assert 25 < (job.next_action_at - timezone.now()).total_seconds() <= 30


@pytest.mark.parametrize(
    ("fault", "kept", "missing"),
    [("no_results", 0, "2 pictures that the provider did not deliver"), ("few_results", 1, "1 picture"), ("", 2, "")],
)
def test_p28_a_success_with_less_than_was_ordered_names_what_is_missing(dreamlook: Studio, fault, kept, missing):
    job = dreamlook.send()
    dreamlook.pass_there(60)
    dreamlook.plan("list", Fault(fault) if fault else None)
    job = dreamlook.fetch(look(job))
    assert (job.state, job.image_count, job.missing_count) == (JobState.SUCCESS, kept, 2 - kept)
    assert missing in told(job)[-1]


def test_p28_results_that_are_not_available_are_missing_and_can_be_fetched_when_they_are(dreamlook: Studio, mara):
    from jobs.operations.jobs.actions import check_again

    job = dreamlook.send()
    dreamlook.pass_there(60)
    dreamlook.plan("list", Fault("unavailable"))
    job = dreamlook.fetch(look(job))
    assert (job.image_count, job.missing_count) == (0, 2)

    check_again(job, mara)
    job = dreamlook.fetch(job)
    assert (job.image_count, job.missing_count) == (2, 0)


def test_p29_what_dreamlook_cannot_stop_is_said_and_the_job_goes_on(dreamlook: Studio, mara):
    job = dreamlook.send()
    assert not can_be_cancelled(job)
    with pytest.raises(NotPossible, match="cannot stop"):
        cancel(job, mara)
    assert dreamlook.finish(job).state == JobState.SUCCESS


def test_p29_an_order_cancelled_before_it_was_sent_never_leaves(dreamlook: Studio, mara):
    job = dreamlook.order()
    cancel(job, mara)
    assert (dreamlook.send(job).state, dreamlook.charges) == (JobState.CANCELLED, 0)


def test_p30_a_key_that_is_no_longer_accepted_lets_jobs_wait_and_a_new_one_lets_them_go_on(dreamlook: Studio):
    jobs = [dreamlook.send() for _ in range(2)]
    tokens = dreamlook.emulator.service.tokens.pop("dl-emulator")
    for job in jobs:
        look(job)
    assert {again(job).failure_code for job in jobs} == {"waiting_for_key"}
    assert {job.state for job in jobs} == {JobState.QUEUED}
    assert "results do not stay at the provider for ever" in jobs[0].failure
    assert dreamlook.lists == 1

    dreamlook.emulator.service.tokens["dl-emulator"] = tokens
    keys.replace(dreamlook.key, dreamlook.owner, "dl-emulator")
    dreamlook.pass_there(60)
    poll_key(dreamlook.key.pk, jobs[0].kind)
    assert {(again(job).state, job.failure) for job in jobs} == {(JobState.SUCCESS, "")}


def test_p30_results_wait_for_the_key_too_and_say_until_when(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send_training())
    keys.revoke(dreamlook.key, dreamlook.owner)
    job = dreamlook.fetch(job)
    assert (job.state, job.results_pending) == (JobState.SUCCESS, True)

    fresh = dreamlook.add_key()
    Job.objects.update(api_key=fresh)
    job = dreamlook.fetch(later(job))
    assert (job.results_pending, job.checkpoint_count) == (False, 2)
