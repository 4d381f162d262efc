"""Providers that answer orders by a redirect: whoever looks after the server must know, nobody else can help (P05)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max, Subquery
from django.utils import timezone

from dashboard.monitoring.sources import Finding
from jobs.models import JobEvent
from jobs.operations.providers import all_providers

KIND = "outdated"
"""The kind of the event that tells it."""
RECENT = timedelta(days=1)
MOST = 20_000
"""So many of the newest events are looked through."""


def findings() -> Iterator[Finding]:
    """Each provider that did so within a day."""
    newest = JobEvent.objects.order_by("-pk").values("pk")[:1]
    told = JobEvent.objects.filter(pk__gt=Subquery(newest) - MOST, kind=KIND, at__gt=timezone.now() - RECENT)
    last = dict(told.values("job__provider").annotate(last=Max("at")).values_list("job__provider", "last"))
    for service in all_providers():
        if service.slug in last:
            said = "wants orders at another address than we know. None goes through until Likeness is updated"
            yield Finding(service.label, said, "bad", last[service.slug])
