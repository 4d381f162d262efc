"""Every provider there is, by slug. Adding one is a line here and its own module."""

from collections.abc import Iterator
from importlib import import_module
from typing import cast

from jobs.providers.base import Provider
from jobs.providers.context import Context

__all__ = ["PROVIDERS", "Context", "load", "secret_shapes"]

PROVIDERS: dict[str, str] = {
    "practice": "jobs.providers.practice.adapter.Practice",
    "dreamlook": "jobs.providers.dreamlook.adapter.Dreamlook",
    "runpod": "jobs.providers.runpod.adapter.RunPod",
}


def secret_shapes() -> Iterator[str]:
    """What the keys of all providers look like, for redaction."""
    for slug in PROVIDERS:
        yield from _class(slug).secret_shapes


def load(slug: str, context: Context) -> Provider:
    """The provider with this *slug*, made for *context*. Raises `KeyError` for a slug that is not in the registry."""
    return _class(slug)(context)


def _class(slug: str) -> type[Provider]:
    module, _, name = PROVIDERS[slug].rpartition(".")
    return cast("type[Provider]", getattr(import_module(module), name))
