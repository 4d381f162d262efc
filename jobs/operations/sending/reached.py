"""How providers reach this server, in words: what came of the last check of callbacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from dashboard.monitoring.sources import Finding
from jobs.models import ApiKey
from jobs.operations.jobs.callback_check import can_be_checked
from jobs.operations.providers import all_providers, provider
from jobs.operations.sending import outside
from jobs.providers.base import Provider

PATIENCE = timedelta(minutes=2)
NEVER = "not checked yet. An admin can press Check callbacks beside an API key"


@dataclass(frozen=True)
class Check:
    """How the last check of a key went. *state* is `never`, `waiting`, `came`, `missed` or `failed`."""

    state: str
    said: str = ""
    tone: str = "neutral"
    at: datetime | None = None


def check_of(key: ApiKey) -> Check:
    """How the last check of *key* went, in words, at this moment."""
    asked, label = key.callback_asked_at, provider(key.provider).label
    if asked is None:
        return Check("never")
    if key.callback_came_at is not None:
        seconds = max(round((key.callback_came_at - asked).total_seconds()), 1)
        return Check("came", f"{label} rang here after {seconds} s: callbacks arrive.", "good", key.callback_came_at)
    if key.callback_trouble:
        said = f"{key.callback_trouble} So callbacks could not be checked; nothing was charged."
        return Check("failed", said, "warn", asked)
    if timezone.now() - asked < PATIENCE:
        return Check("waiting", f"Waiting for {label} to ring here. That takes up to two minutes.")
    return Check("missed", _missed(label), "warn", asked)


def _missed(label: str) -> str:
    address = settings.PUBLIC_URL or "not set"
    return (
        f"{label} did not ring within two minutes. Jobs finish all the same, they only show it a little later. Whoever "
        f"looks after the server can check that PUBLIC_URL ({address}) opens this server from outside, that its "
        "certificate is valid, and that nothing in front of it keeps /callbacks/ away."
    )


def findings() -> Iterator[Finding]:
    """How providers reach this server, for the person who looks after it: the last check of any key."""
    needed = [service for service in all_providers() if can_be_checked(service)]
    newest = {service.slug: _newest(service) for service in needed}
    yield _address(is_needed=any(newest.values()))
    for service in needed:
        if key := newest[service.slug]:
            check = check_of(key)
            said = f"{check.said} Checked" if check.at else check.said.removesuffix(".") or NEVER
            yield Finding(f"Callbacks from {service.label}", said, check.tone, check.at)


def _newest(service: Provider) -> ApiKey | None:
    """The key of *service* that was checked last."""
    known = ApiKey.objects.usable().filter(provider=service.slug)
    return known.order_by(F("callback_asked_at").desc(nulls_last=True), "-pk").first()


def _address(*, is_needed: bool) -> Finding:
    if outside.is_reachable():
        return Finding("Address on the internet", settings.PUBLIC_URL)
    said = "not set, so providers can neither fetch photos nor ring here. Set PUBLIC_URL and start again"
    return Finding("Address on the internet", said, "warn" if is_needed and not outside.can_lend() else "neutral")
