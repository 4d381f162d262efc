"""Whether a provider's callbacks arrive here: a free rehearsal whose callback must come back proves it end to end.

Without callbacks everything still works, only later: jobs are asked after anyway.
"""

from django.db.models import Q
from django.db.models.functions import Now

from dashboard.models import User
from dashboard.tokens import new_token, token_hash
from jobs.models import ApiKey
from jobs.operations.api_keys import health, keys
from jobs.operations.clock import in_seconds
from jobs.operations.errors import NotPossible
from jobs.operations.providers import provider
from jobs.operations.sending import outside
from jobs.operations.storable import clean
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import KeyRefused, ProviderError, Uncertain
from jobs.providers.order import Kind, Order

ONE_PRESS = 5.0
"""Seconds within which pressing again is the same press."""

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
    if not can_be_checked(provider(key.provider)):
        raise NotPossible("This service does not ring, or does not rehearse for free.")
    if not outside.is_reachable():
        raise NotPossible(NO_ADDRESS)
    token = new_token()
    fresh = {"callback_hash": token_hash(token), "callback_came_at": None, "callback_trouble": ""}
    pressed_before = Q(callback_asked_at=None) | Q(callback_asked_at__lt=in_seconds(-ONE_PRESS))
    waits = ApiKey.objects.usable().filter(pressed_before, pk=key.pk)
    if waits.update(callback_asked_at=Now(), **fresh):
        _rehearse(key, user, outside.callback_url(token))


def _rehearse(key: ApiKey, user: User, callback_url: str) -> None:
    service = provider(key.provider)
    try:
        service.submit(_order(service, callback_url), keys.credentials(key, "check callbacks", user))
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
