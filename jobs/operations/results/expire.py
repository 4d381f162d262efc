"""Checkpoints that only their provider has: a reminder before it deletes them, and the truth afterwards."""

from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.dateformat import format as date_format

from jobs.models import Checkpoint, Job
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import quarantine
from jobs.operations.jobs.state import add_event, locked
from jobs.operations.providers import provider
from jobs.operations.results import words
from jobs.operations.results.count_results import recount_locked

REMIND = timedelta(hours=12)
"""So long before the end people are reminded."""
REMINDER = "expires_soon"
AT_ONCE = 100


def look_after_expiry() -> None:
    """Remind of what is deleted soon, once for each job, and mark what was deleted."""
    left = Checkpoint.objects.at_provider().filter(deleted_at=None)
    soon = left.filter(expires_at__lte=in_seconds(REMIND.total_seconds()), expires_at__gt=Now())
    for job_id in _jobs(soon.exclude(job__events__kind=REMINDER)):
        with quarantine.contained(job_id, "remind of its checkpoints"), locked(job_id) as job:
            _remind(job, soon.filter(job=job))
    gone = Checkpoint.objects.at_provider().filter(expires_at__lte=Now())
    for job_id in _jobs(gone):
        with quarantine.contained(job_id, "mark its checkpoints as deleted"), locked(job_id) as job:
            _mark(job, gone.filter(job=job))


def _jobs(checkpoints: QuerySet[Checkpoint]) -> list[int]:
    return list(checkpoints.values_list("job_id", flat=True).order_by("job_id").distinct()[:AT_ONCE])


def _remind(job: Job, soon: QuerySet[Checkpoint]) -> None:
    first = soon.aggregate(first=Min("expires_at"))["first"]
    if first is not None and not job.events.filter(kind=REMINDER).exists():
        sentence = words.expires_soon(provider(job.provider).label, soon.count(), _written(first))
        add_event(job, sentence, kind=REMINDER)


def _mark(job: Job, gone: QuerySet[Checkpoint]) -> None:
    first = gone.aggregate(first=Min("expires_at"))["first"]
    count = gone.update(state=Checkpoint.State.EXPIRED)
    if count and first is not None:
        add_event(job, words.expired(provider(job.provider).label, count, _written(first)), kind="results")
        recount_locked(job)


def _written(moment: datetime) -> str:
    """For example `7 June, 14:00`."""
    return date_format(timezone.localtime(moment), "j F, H:i")
