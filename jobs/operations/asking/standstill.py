"""Where providers forget what became of a job, our own silence costs results: it is said as soon as it lasts."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from dashboard.models import Workspace
from dashboard.monitoring.sources import Finding
from jobs.models import Job
from jobs.operations import words
from jobs.operations.asking.apply_snapshot import ASKED_AFTER
from jobs.operations.providers import all_providers
from jobs.providers.base import Provider

PATIENCE = 2
"""The part of the time for which a provider remembers a job that may pass without an answer about it: one half."""


def alarms(workspace: Workspace) -> Iterator[str]:
    """A sentence for each provider that nobody could ask after jobs of *workspace* for too long."""
    for service, count, since in _silent(Job.objects.filter(workspace=workspace)):
        yield words.standing_still(service.label, count, _minutes(since), _limit(service))


def findings() -> Iterator[Finding]:
    """The same for whoever looks after the server, of all workspaces."""
    for service, count, since in _silent(Job.objects.all()):
        said = words.nobody_asked(count, _limit(service))
        yield Finding(f"Questions to {service.label}", said, "bad", since)


def _silent(jobs: QuerySet[Job]) -> Iterator[tuple[Provider, int, datetime]]:
    """Each provider with such jobs, how many, and since when nobody could ask after one of them."""
    for service in all_providers():
        if service.forgets_after is None:
            continue
        asked = jobs.filter(provider=service.slug, state__in=ASKED_AFTER, tracked=True, next_action_at__isnull=False)
        heard = asked.annotate(heard_at=Coalesce("last_checked_at", "submitted_at"))
        late = heard.filter(heard_at__lt=Now() - service.forgets_after / PATIENCE)
        found = late.aggregate(count=Count("pk"), since=Min("heard_at"))
        if found["count"]:
            yield service, found["count"], found["since"]


def _minutes(since: datetime) -> int:
    return int((timezone.now() - since).total_seconds() // 60)


def _limit(service: Provider) -> int:
    return int(service.forgets_after.total_seconds() // 60) if service.forgets_after else 0
