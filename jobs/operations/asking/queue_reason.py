"""Why jobs only wait in a provider's queue, where it can tell: asked once they have waited for a while, and seldom."""

from jobs.models import ApiKey, Job, JobState
from jobs.operations.clock import in_seconds
from jobs.operations.foreign import clean
from jobs.operations.leases import take
from jobs.operations.transitions import change, locked, show
from jobs.providers.base import Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import Refused, Unavailable

PATIENCE = 60.0
"""Seconds that a job waits in the queue before anybody wonders."""
EVERY = 60.0
"""Seconds between two such questions with one key."""


def look(key: ApiKey, service: Provider, opened: Credentials) -> None:
    """Ask why jobs of *key* only wait, if they do, and say it on them. No answer changes nothing."""
    waiting = Job.objects.filter(
        api_key=key, state=JobState.QUEUED, tracked=True, submitted_at__lt=in_seconds(-PATIENCE)
    )
    if not waiting.exists() or take(f"queue:{key.pk}", EVERY) is None:
        return
    try:
        reason = clean(service.why_waiting(opened), 300)
    except (Unavailable, Refused):
        return
    for pk in waiting.exclude(queue_reason=reason).order_by("pk").values_list("pk", flat=True):
        with locked(pk) as job:
            if job.state == JobState.QUEUED and change(job, queue_reason=reason):
                show(job)
