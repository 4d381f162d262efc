"""The providers of this installation, made from its settings: the only door through which the rest gets one."""

from functools import cache
from typing import Any

from django.conf import settings

from jobs.models import PracticeRecord
from jobs.providers.base import Provider
from jobs.providers.registry import PROVIDERS, Context, load


@cache
def provider(slug: str) -> Provider:
    """The provider called *slug*, shared by all threads of the process. Raises `KeyError` for an unknown one."""
    context = Context(
        base_urls=settings.PROVIDER_BASE_URLS,
        allow_private_hosts=settings.ALLOW_PRIVATE_PROVIDER_HOSTS,
        patience=settings.PROVIDER_PATIENCE_SECONDS,
        practice_store=DatabasePracticeStore(),
        practice_training_seconds=settings.PRACTICE_TRAINING_SECONDS,
        practice_image_seconds=settings.PRACTICE_IMAGE_SECONDS,
    )
    return load(slug, context)


def all_providers() -> tuple[Provider, ...]:
    """Every provider, in the order of the registry."""
    return tuple(provider(slug) for slug in PROVIDERS)


class DatabasePracticeStore:
    """A `PracticeStore` over `PracticeRecord`: the simulated service keeps its documents here, and nowhere else."""

    def put(self, account: str, key: str, body: dict[str, Any]) -> None:
        PracticeRecord.objects.update_or_create(account=account, key=key, defaults={"body": body})

    def get(self, account: str, key: str) -> dict[str, Any] | None:
        return PracticeRecord.objects.filter(account=account, key=key).values_list("body", flat=True).first()

    def delete(self, account: str, key: str) -> None:
        PracticeRecord.objects.filter(account=account, key=key).delete()

    def latest(self, account: str, prefix: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        found = PracticeRecord.objects.filter(account=account, key__startswith=prefix).order_by("-id")
        return list(found.values_list("key", "body")[:limit])
