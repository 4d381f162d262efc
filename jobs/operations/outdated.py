"""Providers that answer orders by a redirect: whoever looks after the server must know, nobody else can help (P05)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from dashboard.findings import Finding
from jobs.models import JobEvent
from jobs.operations.providers import all_providers

KIND = "outdated"
"""The kind of the event that tells it."""
RECENT = timedelta(days=1)
MOST = 20_000
"""So many of the newest events are looked through."""


def findings() -> Iterator[Finding]:
    """Each provider that did so within a day."""
    newest = JobEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    told = JobEvent.objects.filter(pk__gt=newest - MOST, kind=KIND, at__gt=timezone.now() - RECENT)
    for service in all_providers():
        if event := told.filter(job__provider=service.slug).order_by("-pk").first():
            said = "wants orders at another address than we know. None goes through until Likeness is updated"
            yield Finding(service.label, said, "bad", event.at)
