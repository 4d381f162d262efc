"""When we ourselves fail over a job: it is logged, tried again, and after three times quarantined, where people see it.

This is the one place that catches what nobody foresaw, so that one bad job cannot stop the queue (B13).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

from dashboard.logs import about_job
from jobs.models import Job, JobState
from jobs.operations.clock import backoff, in_seconds
from jobs.operations.jobs import sentences
from jobs.operations.jobs.state import By, add_event, change, fail, locked

logger = logging.getLogger(__name__)

LIMIT = 3
QUARANTINE = 600.0
"""Seconds until a quarantined job that lives at the provider is looked at again."""


@contextmanager
def contained(job_id: int, doing: str) -> Iterator[None]:
    """Run the block for one job, which its log lines name; what it fails over is counted against that job.

    A database that is away is no fault of the job's: that goes on to the worker, and the job stays due (B07).
    """
    with about_job(job_id):
        try:
            yield
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Could not %s.", doing)
            with locked(job_id) as job:
                _count(job)


def _count(job: Job) -> None:
    """A job being sent is left alone: its lease says what becomes of it. `submit` counts its tries when it claims the
    job, so that a process that dies is counted too."""
    if job.state == JobState.SUBMITTING:
        return
    if job.state == JobState.READY:
        if job.tries >= LIMIT:
            give_up(job)
        else:
            change(job, lease_until=None, next_action_at=in_seconds(backoff(job.tries)))
        return
    tries = min(job.tries + 1, LIMIT)
    change(job, tries=tries, next_action_at=in_seconds(backoff(tries) if tries < LIMIT else QUARANTINE))
    if tries == LIMIT and not job.events.filter(kind="alert", sentence=sentences.OUR_FAULT).exists():
        add_event(job, sentences.OUR_FAULT, kind="alert")


def give_up(job: Job) -> None:
    """End a locked job that was not sent and that we cannot send."""
    fail(job, "ours", sentences.OUR_FAULT_UNSENT, by=By.QUARANTINE)
