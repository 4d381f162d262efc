"""When we ourselves fail over a job: it is logged, tried again, and after three times parked where people see it.

This is the one place that catches what nobody foresaw, so that one bad job cannot stop the queue.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.asking.pace import backoff
from jobs.operations.clock import in_seconds
from jobs.operations.sending.onward import fail
from jobs.operations.transitions import change, locked, tell

logger = logging.getLogger(__name__)

LIMIT = 3
PARKED = 600.0
"""Seconds until a parked job that lives at the provider is looked at again."""


@contextmanager
def guarded(job_id: int, doing: str) -> Iterator[None]:
    """Run the block for one job; what it fails over is counted against that job. A database that is away is not."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Job %s: could not %s.", job_id, doing)
        with locked(job_id) as job:
            _count(job)


def _count(job: Job) -> None:
    if job.state == JobState.READY:
        _count_unsent(job)
    elif job.state != JobState.SUBMITTING:
        _count_at_provider(job)


def _count_unsent(job: Job) -> None:
    """`submit` counts its tries when it claims the job, so that a process that dies is counted too."""
    if job.tries >= LIMIT:
        give_up(job)
    else:
        change(job, lease_until=None, next_action_at=in_seconds(backoff(job.tries)))


def give_up(job: Job) -> None:
    """End a locked job that was not sent and that we cannot send."""
    fail(job, "ours", words.OUR_FAULT_UNSENT)


def _count_at_provider(job: Job) -> None:
    tries = min(job.tries + 1, LIMIT)
    change(job, tries=tries, next_action_at=in_seconds(backoff(tries) if tries < LIMIT else PARKED))
    if tries == LIMIT and not job.events.filter(kind="alert", sentence=words.OUR_FAULT).exists():
        tell(job, words.OUR_FAULT, kind="alert")
