"""How soon to look at a job again."""

import random
from datetime import datetime

from jobs.models import Job
from jobs.providers.base import Provider

LOOKS_BEFORE_FORGOTTEN = 6
"""So often is a job asked after, at least, within the time for which its provider remembers it."""


def next_poll(job: Job, provider: Provider, now: datetime) -> float:
    """Seconds until the next question about *job*: few near its start and its expected end, more in between.

    One that takes unusually long is asked after slowly, however near its end it says it is.
    """
    fastest, slowest = _bounds(provider)
    if job.cancel_requested_at is not None:
        return fastest
    if is_overdue(job, now):
        return slowest
    age = _seconds_since(job.submitted_at, now)
    return min(max(min(age, abs(_remaining(job, age, now))) / 10, fastest), slowest)


def _bounds(provider: Provider) -> tuple[float, float]:
    """Least and most seconds between two questions, the most such that several can fail before a job is forgotten."""
    fastest, slowest = provider.poll_seconds
    if provider.forgets_after is None:
        return fastest, slowest
    return fastest, max(fastest, min(slowest, provider.forgets_after.total_seconds() / LOOKS_BEFORE_FORGOTTEN))


def _remaining(job: Job, age: float, now: datetime) -> float:
    """Seconds to the expected end, negative when it has passed."""
    if job.started_at is not None and job.percent:
        return _seconds_since(job.started_at, now) * (100 - job.percent) / job.percent
    return job.estimated_seconds_high - age


def is_overdue(job: Job, now: datetime) -> bool:
    """Whether *job* takes unusually long: three times what was expected, and a minute."""
    return _seconds_since(job.submitted_at, now) > 3 * job.estimated_seconds_high + 60


def backoff(tries: int, least: float = 2.0, most: float = 60.0) -> float:
    """Seconds to wait after so many failures: random, so that many jobs do not come back at once."""
    return random.uniform(least, min(most, least * 2 ** max(1, min(tries, 10))))  # noqa: S311 - no secret


def _seconds_since(then: datetime | None, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0
