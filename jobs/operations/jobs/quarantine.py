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
from jobs.operations.jobs.state import By, add_event, change, fail, locked

logger = logging.getLogger(__name__)

LIMIT = 3
QUARANTINE = 600.0
"""Seconds until a quarantined job that lives at the provider is looked at again."""
OUR_FAULT = (
    "Something went wrong here while looking after this job. Nothing is lost and nothing was charged twice; we try "
    "again in ten minutes. Whoever looks after this server finds the cause in the log."
)


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
                # `submit` counts its tries when it claims the job, so that a process that dies is counted too.
                if job.state == JobState.READY and job.tries >= LIMIT:
                    give_up(job)
                elif job.state == JobState.READY:
                    change(job, lease_until=None, next_action_at=in_seconds(backoff(job.tries)))
                elif job.state != JobState.SUBMITTING:  # whose lease says what becomes of it
                    tries = min(job.tries + 1, LIMIT)
                    change(job, tries=tries, next_action_at=in_seconds(backoff(tries) if tries < LIMIT else QUARANTINE))
                    if tries == LIMIT and not job.events.filter(kind="alert", sentence=OUR_FAULT).exists():
                        add_event(job, OUR_FAULT, kind="alert")


def give_up(job: Job) -> None:
    """End a locked job that was not sent and that we cannot send."""
    said = (
        "Something went wrong here while getting this job ready, three times. It was not sent and nothing was charged. "
        "Press Try again; if it happens again, tell whoever looks after this server."
    )
    fail(job, "ours", said, by=By.QUARANTINE)
