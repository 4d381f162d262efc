"""Sending a job: one POST, and the right word for whatever comes back (faults P01 to P13)."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.files import parts
from jobs.models import ApiKey, Attempt, Job, JobState
from jobs.operations import failpoints
from jobs.operations.api_keys import keys
from jobs.operations.jobs.submit import WAITS_FOR_ROOM, submit
from jobs.providers import errors
from jobs.providers.reply import Receipt
from tests.jobs.operations.conftest import again, later, told
from tests.jobs.operations.resting import rest_on, rests
from tests.jobs.operations.scripted import Scripted, says


class Killed(BaseException):
    """The process ends here, as far as a test can tell."""


def test_a_ready_job_is_sent_once_and_taken(job: Job, scripted: Scripted):
    submit(job.pk)

    job = again(job)
    assert (job.state, job.provider_job_id, len(scripted.orders)) == (JobState.QUEUED, "job-1", 1)
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED
    assert job.charged == Job.Charged.UNKNOWN
    assert told(job)[-1] == "Scripted took the job."


def test_sending_again_does_nothing(job: Job, scripted: Scripted):
    submit(job.pk)
    submit(job.pk)
    assert len(scripted.orders) == 1


def test_the_attempt_is_committed_with_the_hash_of_its_token_before_the_first_byte(job: Job, scripted: Scripted):
    seen = []

    def look_then_accept(order):
        token = order.callback_url.rstrip("/").rpartition("/")[2]
        seen.append((Attempt.objects.get().token_hash, hashlib.sha256(token.encode()).hexdigest()))
        seen.append(Job.objects.get().state)
        return scripted.accept(order)

    scripted.answers = [look_then_accept]
    submit(job.pk)

    (kept, sent), state = seen
    assert kept == sent
    assert state == JobState.SUBMITTING


def test_p01_what_was_not_sent_waits_and_is_sent_again(job: Job, scripted: Scripted):
    scripted.answers, begun = says(errors.Unsent("Scripted could not be reached.")), timezone.now()
    submit(job.pk)

    job = again(job)
    assert (job.state, job.charged) == (JobState.READY, Job.Charged.NO)
    assert rests(job.next_action_at, begun, 2, 60)
    submit(later(job).pk)
    assert again(job).state == JobState.QUEUED


def test_p01_after_an_hour_it_fails_and_says_that_nothing_was_charged(job: Job, scripted: Scripted):
    scripted.answers = says(*[errors.Unsent("Scripted could not be reached.")] * 2)
    submit(job.pk)
    Attempt.objects.update(created_at=timezone.now() - timedelta(hours=1))
    submit(later(job).pk)
    submit(later(job).pk)

    job = again(job)
    assert (job.state, job.failure_code, len(scripted.orders)) == (JobState.FAILURE, "not_sent", 2)
    assert "not sent" in job.failure
    assert "nothing was charged" in job.failure
    assert job.next_action_at is None


def test_r19_a_provider_that_was_away_for_minutes_gets_the_order_without_anybodys_help(
    job: Job, key: ApiKey, scripted: Scripted
):
    scripted.answers = says(*[errors.Unsent("Scripted could not be reached.")] * 15)
    for _ in range(15):
        submit(later(job).pk)
        ApiKey.objects.exclude(paused_until=None).update(paused_until=timezone.now())
    assert again(job).state == JobState.READY

    submit(later(job).pk)
    key.refresh_from_db()
    assert (again(job).state, key.failures_in_row) == (JobState.QUEUED, 0)


@pytest.mark.parametrize("error", [errors.Unsent("Away."), errors.Uncertain("Lost.")])
def test_p01_p02_three_orders_without_an_answer_let_the_key_rest(
    job: Job, another, key: ApiKey, scripted: Scripted, error: Exception
):
    scripted.answers, begun = says(*[error] * 4), timezone.now()
    for one in [job, another("second"), another("third"), fourth := another("fourth")]:
        submit(one.pk)

    key.refresh_from_db()
    assert len(scripted.orders) == 3
    assert rests(key.paused_until, begun, 60, 60)
    assert (again(fourth).state, fourth.next_action_at) == (JobState.READY, key.paused_until)


def test_p02_after_its_rest_one_order_alone_finds_out_whether_the_provider_is_there(
    job: Job, another, key: ApiKey, scripted: Scripted
):
    ApiKey.objects.update(failures_in_row=3, paused_until=timezone.now())
    second, meanwhile = another("second"), list[JobState]()

    def look_around(order):
        submit(second.pk)
        meanwhile.append(again(second).state)
        return scripted.accept(order)

    scripted.answers = [look_around]
    submit(job.pk)
    assert meanwhile == [JobState.READY]

    submit(later(second).pk)
    assert again(second).state == JobState.QUEUED


def test_b09_nothing_goes_out_whose_answer_could_not_be_written_down(
    job: Job, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 10**18)
    for _ in range(2):
        submit(later(job).pk)
    assert (again(job).state, scripted.orders) == (JobState.READY, [])
    assert [said for said in told(job) if "nearly full" in said] == [WAITS_FOR_ROOM]

    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 0)
    submit(later(job).pk)
    assert again(job).state == JobState.QUEUED


def test_p02_a_refusal_is_an_answer_too(job: Job, key: ApiKey, scripted: Scripted):
    ApiKey.objects.update(failures_in_row=2)
    scripted.answers = says(errors.InvalidOrder("No."))
    submit(job.pk)
    key.refresh_from_db()
    assert key.failures_in_row == 0


@pytest.mark.parametrize("error", [errors.Uncertain("Lost."), errors.Unavailable("Odd."), RuntimeError("a bug")])
def test_p02_p12_anything_that_may_have_arrived_is_uncertain(job: Job, scripted: Scripted, error: Exception):
    scripted.answers = says(error)
    submit(job.pk)

    job = again(job)
    assert (job.state, job.charged) == (JobState.UNCERTAIN, Job.Charged.UNKNOWN)
    assert job.attempts.get().outcome == Attempt.Outcome.UNCERTAIN
    assert "You will not pay twice" in told(job)[-1]
    submit(later(job).pk)
    assert len(scripted.orders) == 1


@pytest.mark.parametrize("id_", ["", "x" * 201])
def test_p04_an_answer_without_an_id_that_can_be_one_is_uncertain(job: Job, scripted: Scripted, id_: str):
    scripted.answers = [lambda order: Receipt(id_, {"odd": "\x00 and \ud800"})]
    submit(job.pk)
    assert again(job).state == JobState.UNCERTAIN


def test_p06_a_refused_key_fails_this_job_and_lets_the_others_wait(job: Job, another, key: ApiKey, scripted: Scripted):
    other = another("other")
    scripted.answers = says(errors.KeyRefused("401"))
    submit(job.pk)
    submit(later(other).pk)

    key.refresh_from_db()
    assert key.health == ApiKey.Health.REJECTED
    assert (again(job).state, job.failure_code) == (JobState.FAILURE, "key_refused")
    assert (again(other).state, other.failure_code) == (JobState.READY, "waiting_for_key")
    assert "your job waits" in other.failure
    assert len(scripted.orders) == 1


def test_p06_a_waiting_job_goes_out_once_the_key_is_replaced(job: Job, another, key: ApiKey, jon, scripted: Scripted):
    other = another("other")
    scripted.answers = says(errors.KeyRefused("401"))
    submit(job.pk)
    submit(later(other).pk)

    keys.replace(key, jon, "sk-another-0123456789-01")
    submit(other.pk)

    assert (again(other).state, other.failure_code, other.failure) == (JobState.QUEUED, "", "")


def test_p07_no_tokens_fails_with_where_to_top_up(job: Job, key: ApiKey, scripted: Scripted):
    scripted.answers = says(errors.NoCredit("403"))
    submit(job.pk)

    key.refresh_from_db()
    assert key.health == ApiKey.Health.NO_CREDIT
    assert again(job).failure_code == "no_credit"
    assert "Studio key" in job.failure
    assert "Nothing was charged" in job.failure


def test_p08_an_endpoint_that_is_not_there_fails_with_an_alert(job: Job, scripted: Scripted):
    scripted.answers = says(errors.NotThere("No such endpoint."))
    submit(job.pk)
    assert again(job).failure_code == "no_endpoint"
    assert job.events.filter(kind="alert").exists()


def test_p09_the_providers_word_on_a_field_stays_with_the_field(job: Job, scripted: Scripted):
    scripted.answers = says(errors.InvalidOrder("Invalid.", fields={"steps": "Too many \x00steps."}))
    submit(job.pk)
    assert (again(job).state, job.failure_code) == (JobState.FAILURE, "invalid")
    assert job.field_errors == {"steps": "Too many steps."}


def test_p09_a_complaint_is_said_once_and_as_a_sentence(job: Job, scripted: Scripted):
    scripted.answers = says(errors.InvalidOrder("dreamlook will not take these values.", fields={"steps": "too many"}))
    submit(job.pk)
    assert again(job).failure == (
        "dreamlook will not take these values. Steps: too many. Nothing was charged. Change them and try again."
    )


@pytest.mark.parametrize(("asked", "given"), [(30, 30), (-1, 1), (1e9, 900), (float("nan"), 1), (float("inf"), 900)])
def test_p11_too_many_questions_pause_the_key_and_the_job(job: Job, another, key, scripted: Scripted, asked, given):
    other, begun = another("other"), timezone.now()
    scripted.answers = says(errors.TooMany("429", wait=asked))
    submit(job.pk)
    key.refresh_from_db()
    assert rests(key.paused_until, begun, given, given)
    rest_on()
    submit(other.pk)

    key.refresh_from_db()
    assert again(job).state == again(other).state == JobState.READY
    assert other.next_action_at == key.paused_until
    assert len(scripted.orders) == 1


def test_p13_an_id_that_another_job_has_is_never_taken_over(job: Job, another, scripted: Scripted):
    submit(job.pk)
    other = another("other")
    scripted.answers = [lambda order: Receipt("job-1")]
    submit(other.pk)

    assert (again(other).state, other.needs_decision, other.provider_job_id) == (JobState.UNCERTAIN, True, "")
    assert other.events.filter(kind="alert").exists()
    assert again(job).provider_job_id == "job-1"


@pytest.mark.parametrize("error", [errors.Unsent("No."), errors.Uncertain("Lost."), errors.KeyRefused("401")])
def test_after_any_answer_the_lease_is_given_back(job: Job, scripted: Scripted, error: Exception):
    scripted.answers = says(error)
    submit(job.pk)
    assert again(job).lease_until is None


def die_at(name: str):
    def on_reach(reached: str) -> None:
        if reached == name:
            raise Killed(name)

    failpoints.on_reach = on_reach


def test_killed_before_the_attempt_it_is_simply_sent_later(job: Job, scripted: Scripted):
    die_at("submit.claimed")
    with pytest.raises(Killed):
        submit(job.pk)
    failpoints.on_reach = None

    submit(job.pk)
    assert len(scripted.orders) == 0, "the lease of the dead still holds"
    submit(later(job).pk)
    assert (again(job).state, len(scripted.orders)) == (JobState.QUEUED, 1)


@pytest.mark.parametrize(("point", "posts"), [("submit.attempt_committed", 0), ("submit.answered", 1)])
def test_b10_killed_around_the_post_it_is_not_sent_blindly_again(job: Job, scripted: Scripted, point: str, posts: int):
    from jobs.operations.sweep import sweep

    die_at(point)
    with pytest.raises(Killed):
        submit(job.pk)
    failpoints.on_reach = None
    assert again(job).state == JobState.SUBMITTING

    later(job)
    sweep()
    assert again(job).state == JobState.UNCERTAIN
    assert len(scripted.orders) == posts


def test_an_answer_that_comes_after_the_lease_ran_out_still_counts(job: Job, scripted: Scripted):
    from jobs.operations.sweep import sweep

    def slow(order):
        later(job)
        sweep()
        assert again(job).state == JobState.UNCERTAIN
        return scripted.accept(order)

    scripted.answers = [slow]
    submit(job.pk)
    assert (again(job).state, job.provider_job_id) == (JobState.QUEUED, "job-1")


def test_b13_a_job_we_fail_over_three_times_is_parked_and_the_queue_goes_on(job: Job, another, scripted, monkeypatch):
    fine = another("fine")
    Job.objects.filter(pk=job.pk).update(order={"training": ["not", "a", "mapping"]}, kind="sculpture")
    for _ in range(4):
        submit(later(job).pk)
    submit(fine.pk)

    assert (again(job).state, job.failure_code) == (JobState.FAILURE, "ours")
    assert "nothing was charged" in job.failure
    assert again(fine).state == JobState.QUEUED
