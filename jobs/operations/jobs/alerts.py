"""What whoever looks after the server should know of jobs: providers that moved, and questions that nobody answers.

Where a provider forgets what became of a job, our own silence costs results: it is said as soon as it lasts.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from dashboard.models import Workspace
from dashboard.monitoring.sources import Finding
from jobs.models import Job, JobEvent
from jobs.operations.jobs.restores import UNSURE
from jobs.operations.jobs.state import ASKED_AFTER
from jobs.operations.jobs.submit import OUTDATED
from jobs.operations.providers import all_providers
from jobs.providers.base import Provider

RECENT = timedelta(days=1)
MOST_EVENTS = 20_000
"""So many of the newest events are looked through for redirects."""
PATIENCE = 2
"""The part of the time for which a provider remembers a job that may pass without an answer about it: one half."""


def outdated_endpoints() -> Iterator[Finding]:
    """Each provider that answered an order by a redirect within a day: nobody else can help (P05)."""
    newest = JobEvent.objects.order_by("-pk").values("pk")[:1]
    recent = timezone.now() - RECENT
    found = JobEvent.objects.filter(pk__gt=Subquery(newest) - MOST_EVENTS, kind=OUTDATED, at__gt=recent)
    last = dict(found.values("job__provider").annotate(last=Max("at")).values_list("job__provider", "last"))
    for service in all_providers():
        if service.slug in last:
            said = "wants orders at another address than we know. None goes through until Likeness is updated"
            yield Finding(service.label, said, "bad", last[service.slug])


def restored() -> Iterator[Finding]:
    """Orders that may have been sent since the backup was made that this database was restored from (B14)."""
    doubtful = Job.objects.filter(restored_from__isnull=False, state__in=UNSURE)
    found = doubtful.aggregate(count=Count("pk"), made=Max("restored_from"))
    if found["count"]:
        orders = "1 order waits" if found["count"] == 1 else f"{found['count']} orders wait"
        said = f"{orders} for a look at the provider, or for somebody's decision: sent since, or not? The backup is of"
        yield Finding("Restored from a backup", said, "warn", found["made"])


def stalled_polling_alarms(workspace: Workspace) -> Iterator[str]:
    """A sentence for each provider that nobody could ask after jobs of *workspace* for too long."""
    for service, count, since in _stalled(Job.objects.filter(workspace=workspace)):
        label, jobs = service.label, "1 job" if count == 1 else f"{count} jobs"
        minutes = int((timezone.now() - since).total_seconds() // 60)
        yield (
            f"For {minutes} minutes nobody could ask {label} about {jobs}. {label} forgets a job {_limit(service)} "
            "minutes after it has ended, and then its pictures cannot be fetched any more."
        )


def stalled_polling() -> Iterator[Finding]:
    """The same for whoever looks after the server, of all workspaces."""
    for service, count, since in _stalled(Job.objects.all()):
        jobs = "1 job is" if count == 1 else f"{count} jobs are"
        said = f"{jobs} not asked about, and forgotten there {_limit(service)} minutes after the end. Last answer"
        yield Finding(f"Questions to {service.label}", said, "bad", since)


def _stalled(jobs: QuerySet[Job]) -> Iterator[tuple[Provider, int, datetime]]:
    """Each provider with such jobs, how many, and since when nobody could ask after one of them."""
    for service in all_providers():
        if service.forgets_after is None:
            continue
        asked = jobs.filter(
            provider=service.slug, state__in=ASKED_AFTER, is_pollable=True, next_action_at__isnull=False
        )
        heard = asked.annotate(heard_at=Coalesce("last_checked_at", "submitted_at"))
        late = heard.filter(heard_at__lt=Now() - service.forgets_after / PATIENCE)
        found = late.aggregate(count=Count("pk"), since=Min("heard_at"))
        if found["count"]:
            yield service, found["count"], found["since"]


def _limit(service: Provider) -> int:
    return int(service.forgets_after.total_seconds() // 60) if service.forgets_after else 0
