"""The practice service's table: the simulated provider keeps its documents in our database, and nowhere else."""

from typing import Any

from jobs.models import PracticeRecord


class DatabasePracticeStore:
    """A `PracticeStore` over `PracticeRecord`."""

    def put(self, account: str, key: str, body: dict[str, Any]) -> None:
        PracticeRecord.objects.update_or_create(account=account, key=key, defaults={"body": body})

    def get(self, account: str, key: str) -> dict[str, Any] | None:
        return PracticeRecord.objects.filter(account=account, key=key).values_list("body", flat=True).first()

    def latest(self, account: str, prefix: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        found = PracticeRecord.objects.filter(account=account, key__startswith=prefix).order_by("-id")
        return list(found.values_list("key", "body")[:limit])
