"""A machine whose clock is wrong decides nothing by it: what others wrote is judged by the database's clock (B11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import Heartbeat
from dashboard.monitoring import condition
from jobs.models import ApiKey, Attempt, Job, JobState, Lease, Photo
from jobs.operations.api_keys import keys
from jobs.operations.clock import in_seconds
from jobs.operations.jobs.submit import submit
from jobs.operations.sweep import sweep
from jobs.providers import errors
from tests.jobs.factories import make_photo, make_set
from tests.jobs.operations.conftest import again, look
from tests.jobs.operations.scripted import Scripted, says


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """From now on this machine's clock is so many hours ahead."""
    ours = timezone.now
    return lambda hours: monkeypatch.setattr(timezone, "now", lambda: ours() + timedelta(hours=hours))


def test_b11_an_order_that_may_be_on_its_way_is_not_sent_again_by_who_has_a_wrong_clock(
    job: Job, scripted: Scripted, jump
):
    scripted.answers = says(errors.Uncertain("timeout"))
    submit(job.pk)
    jump(1)
    look(job)
    assert job.attempts.get().outcome == Attempt.Outcome.UNCERTAIN


@pytest.mark.parametrize("hours", [-1, 1])
def test_b11_when_an_order_went_out_and_ended_is_told_by_the_databases_clock(
    job: Job, scripted: Scripted, jump, hours: int
):
    jump(hours)
    submit(job.pk)
    lately = job.attempts.filter(created_at__gt=in_seconds(-300), ended_at__gte=F("created_at"))
    assert lately.filter(ended_at__lte=Now()).exists()


@pytest.mark.parametrize("hours", [-1, 1])
def test_b11_a_key_rests_as_long_as_it_was_told_to(job: Job, key: ApiKey, scripted: Scripted, jump, hours: int):
    jump(hours)
    ApiKey.objects.update(paused_until=in_seconds(30))
    submit(job.pk)
    assert (again(job).state, scripted.orders) == (JobState.READY, [])

    ApiKey.objects.update(paused_until=in_seconds(-1))
    Job.objects.update(next_action_at=Now())
    submit(job.pk)
    assert again(job).state == JobState.QUEUED


def test_b11_a_replaced_key_makes_its_jobs_due_at_once(job: Job, key: ApiKey, jon, jump):
    jump(1)
    keys.replace(key, jon, "sk-9876543210-9876543210")
    assert Job.objects.due().filter(pk=job.pk).exists()


AHEAD = 3 * 3600.0
"""Seconds by which the clock was ahead before it was set back."""


def set_back_by(seconds: float) -> None:
    """The last sweep was by a clock that was so far ahead of what the database's shows now."""
    Heartbeat.objects.update_or_create(worker=Heartbeat.SWEEP, defaults={"at": in_seconds(seconds)})


def until_due(job: Job) -> float:
    due, now = Job.objects.filter(pk=job.pk).values_list("next_action_at", Now()).get()
    return (due - now).total_seconds()


def test_b11_what_was_planned_before_a_clock_was_set_back_goes_on(job: Job, key: ApiKey, studio, mara):
    photo = make_photo(make_set(studio, mara))
    Job.objects.update(next_action_at=in_seconds(AHEAD + 20), lease_until=in_seconds(AHEAD + 60))
    Job.objects.update(uncertain_since=in_seconds(AHEAD - 30))
    Photo.objects.update(next_action_at=in_seconds(AHEAD), crop_due_at=in_seconds(AHEAD))
    ApiKey.objects.update(paused_until=in_seconds(AHEAD + 30))
    for name in ("sweep", "expiry"):
        Lease.objects.create(name=name, holder="x", until=in_seconds(AHEAD + 1))
    set_back_by(AHEAD)
    sweep()
    assert 0 < until_due(job) <= 20
    assert not Job.objects.filter(lease_until__gt=in_seconds(60)).exists()
    assert not Job.objects.filter(uncertain_since__gt=Now()).exists()
    assert Photo.objects.filter(pk=photo.pk, next_action_at__lte=Now(), crop_due_at__lte=Now()).exists()
    assert not ApiKey.objects.filter(paused_until__gt=in_seconds(30)).exists()
    assert not Lease.objects.filter(until__gt=in_seconds(901)).exists()
    assert Heartbeat.objects.filter(worker=Heartbeat.SWEEP, at__lte=Now()).exists()


def test_b11_system_says_that_the_clock_was_set_back_and_by_how_much(db: None):
    set_back_by(AHEAD + 600)
    sweep()
    sweep()
    (told,) = [found for found in condition.processes(is_broker_there=True) if found.name == "Clock"]
    assert told.said.startswith("was set back by 3 h 10 min")


@pytest.mark.parametrize("seconds", [-60.0, 0.0, 5.0])
def test_b11_nothing_is_brought_forward_while_the_clock_goes_on(job: Job, seconds: float):
    Job.objects.update(next_action_at=in_seconds(600))
    set_back_by(seconds)
    sweep()
    assert until_due(job) > 500
    assert not Heartbeat.objects.filter(worker=Heartbeat.SET_BACK).exists()
