"""Where providers find us: the addresses they call back and fetch photos from, and whether anybody out there can."""

from urllib.parse import urlsplit

from django.conf import settings

from jobs.providers.base import Capability, Provider
from jobs.providers.kit.network import is_public
from jobs.providers.order import Kind

_NOWHERE = "https://likeness.invalid"
"""Without a public address the callback cannot arrive, but its token still finds a lost attempt again."""
_AT_HOME = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".test", ".invalid", ".example")


def callback_url(token: str) -> str:
    """Where a provider calls back when the job has ended."""
    return f"{settings.PUBLIC_URL or _NOWHERE}/callbacks/{token}/"


def is_reachable() -> bool:
    """Whether `PUBLIC_URL` is an address on the internet, as far as one can tell from here."""
    name = urlsplit(settings.PUBLIC_URL).hostname or ""
    if not name or settings.ALLOW_PRIVATE_PROVIDER_HOSTS:
        return bool(name)
    if name.replace(".", "").isdigit() or ":" in name:
        return is_public(name)
    return "." in name and not name.endswith(_AT_HOME)


def has_public_bucket() -> bool:
    """Whether photos can be fetched from the bucket itself, at addresses that it signs."""
    return "browser" in settings.STORAGES


def can_grant() -> bool:
    """Whether a provider can fetch photos: from us, or from the bucket."""
    return is_reachable() or has_public_bucket()


def fetches(service: Provider) -> bool:
    """Whether *service* fetches the photos of an order, one by one or as one archive."""
    return service.can(Capability.NEEDS_PUBLIC_PHOTOS) or service.can(Capability.NEEDS_PHOTO_ARCHIVE)


def obstacle(service: Provider, kind: Kind) -> str:
    """Why *service* could not do an order of this *kind*, to be said before anything is sent; empty when it can."""
    if not kind.trains or not fetches(service) or can_grant():
        return ""
    return (
        f"{service.label} fetches your photos from this server, and cannot reach it. Ask whoever looks after the "
        "server to set PUBLIC_URL to its address on the internet, for example https://likeness.example.com, and to "
        "start it again."
    )
