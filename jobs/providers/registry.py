"""Every provider there is, by slug. Adding one is a line here and its own module."""

from importlib import import_module
from typing import cast

from jobs.providers.base import Provider
from jobs.providers.context import Context

__all__ = ["PROVIDERS", "Context", "load"]

PROVIDERS: dict[str, str] = {
    "practice": "jobs.providers.practice.adapter.Practice",
    "dreamlook": "jobs.providers.dreamlook.adapter.Dreamlook",
    "runpod": "jobs.providers.runpod.adapter.RunPod",
}


def load(slug: str, context: Context) -> Provider:
    """The provider with this *slug*, made for *context*. Raises `KeyError` for a slug that is not in the registry."""
    module, _, name = PROVIDERS[slug].rpartition(".")
    return cast("type[Provider]", getattr(import_module(module), name))(context)
