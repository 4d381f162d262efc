"""Whether a provider's callbacks arrive here: a free rehearsal whose callback must come back proves it end to end.

Without callbacks everything still works, only later: jobs are asked after anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import User
from dashboard.monitoring.sources import Finding
from dashboard.tokens import new_token, token_hash
from jobs.models import ApiKey
from jobs.operations.api_keys import health, keys
from jobs.operations.clock import in_seconds
from jobs.operations.errors import NotPossible
from jobs.operations.photo_grants import reachability
from jobs.operations.providers import all_providers, provider
from jobs.operations.storable import clean
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import KeyRefused, ProviderError, Uncertain
from jobs.providers.order import Kind, Order

ONE_PRESS = 5.0
"""Seconds within which pressing again is the same press."""

PATIENCE = timedelta(minutes=2)
NEVER = "not checked yet. An admin can press Check callbacks beside an API key"

NO_ADDRESS = (
    "Nobody can ring here yet: this server has no address on the internet. Ask whoever looks after it to set "
    "PUBLIC_URL, for example to https://likeness.example.com, and to start it again."
)


def can_be_checked(service: Provider) -> bool:
    """Whether *service* calls back at all, and rehearses for free."""
    return service.can(Capability.CALLBACK) and service.can(Capability.DRY_RUN)


def ask(key: ApiKey, user: User) -> None:
    """Order the rehearsal. Raises `NotPossible` when its callback could not come.

    Where its callback is to come is committed before the order goes out: it may be faster than the answer (C04).
    """
    service = provider(key.provider)
    if not can_be_checked(service):
        raise NotPossible("This service does not ring, or does not rehearse for free.")
    if not reachability.is_reachable():
        raise NotPossible(NO_ADDRESS)
    token = new_token()
    fresh = {"callback_hash": token_hash(token), "callback_came_at": None, "callback_trouble": ""}
    pressed_before = Q(callback_asked_at=None) | Q(callback_asked_at__lt=in_seconds(-ONE_PRESS))
    waits = ApiKey.objects.usable().filter(pressed_before, pk=key.pk)
    if not waits.update(callback_asked_at=Now(), **fresh):
        return
    try:
        service.submit(
            _order(service, reachability.callback_url(token)), keys.credentials(key, "check callbacks", user)
        )
    except Uncertain:
        return  # it may have been taken, and then the callback comes
    except ProviderError as error:
        ApiKey.objects.filter(pk=key.pk).update(callback_trouble=clean(error.sentence, 300))
        if isinstance(error, KeyRefused):
            health.rejected(key, error.sentence)


def _order(service: Provider, callback_url: str) -> Order:
    """One picture with everything as it comes, never to be drawn."""
    model = service.base_models[0]
    params = service.generation_params
    values = {param.name: 1 if param.counts else param.default for param in params if param.default is not None}
    return Order(
        Kind.GENERATION,
        base_model=model.id,
        model_type=model.type,
        generations=({**values, "prompt": "a check of callbacks"},),
        dry_run=True,
        callback_url=callback_url,
        name="A check of callbacks",
    )


def arrived(token: str) -> bool:
    """Whether a check waits for the callback that came to the address with *token*; the first one is noted."""
    asked = ApiKey.objects.filter(callback_hash=token_hash(token))
    return asked.filter(callback_came_at=None).update(callback_came_at=Now()) == 1 or asked.exists()


# How it went, in words


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
    said = (
        f"{label} did not ring within two minutes. Jobs finish all the same, they only show it a little later. Whoever "
        f"looks after the server can check that PUBLIC_URL ({settings.PUBLIC_URL or 'not set'}) opens this server from "
        "outside, that its certificate is valid, and that nothing in front of it keeps /callbacks/ away."
    )
    return Check("missed", said, "warn", asked)


def findings() -> Iterator[Finding]:
    """How providers reach this server, for the person who looks after it: the last check of any key."""
    newest_first = ApiKey.objects.usable().order_by(F("callback_asked_at").desc(nulls_last=True), "-pk")
    asking = [service for service in all_providers() if can_be_checked(service)]
    found = [(service, newest_first.filter(provider=service.slug).first()) for service in asking]
    last = [(service, key) for service, key in found if key is not None]
    if reachability.is_reachable():
        yield Finding("Address on the internet", settings.PUBLIC_URL)
    else:
        said = "not set, so providers can neither fetch photos nor ring here. Set PUBLIC_URL and start again"
        yield Finding("Address on the internet", said, "warn" if last and not reachability.can_grant() else "neutral")
    for service, key in last:
        check = check_of(key)
        said = f"{check.said} Checked" if check.at else check.said.removesuffix(".") or NEVER
        yield Finding(f"Callbacks from {service.label}", said, check.tone, check.at)
