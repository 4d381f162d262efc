"""A machine whose clock is wrong decides nothing by it: what others wrote is judged by the database's clock (B11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import ApiKey, Attempt, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.clock import in_seconds
from jobs.operations.jobs.submit import submit
from jobs.providers import errors
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
