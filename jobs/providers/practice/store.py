"""Where the simulated practice service keeps its documents."""

from copy import deepcopy
from typing import Any, Protocol


class PracticeStore(Protocol):
    """A small table of JSON documents by account and key. What `put` has returned from survives a crash."""

    def put(self, account: str, key: str, body: dict[str, Any]) -> None:
        """Keep *body* under *key*, replacing what was there."""

    def get(self, account: str, key: str) -> dict[str, Any] | None:
        """The document under *key*, or None."""

    def delete(self, account: str, key: str) -> None:
        """Keep nothing under *key* any more."""

    def latest(self, account: str, prefix: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        """The newest documents whose key starts with *prefix*, by when each was first put, newest first."""


class MemoryStore:
    """A store that lives as long as the process, for tests and for asking what the provider offers."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], dict[str, Any]] = {}

    def put(self, account: str, key: str, body: dict[str, Any]) -> None:
        self._documents[account, key] = deepcopy(body)

    def get(self, account: str, key: str) -> dict[str, Any] | None:
        return deepcopy(self._documents.get((account, key)))

    def delete(self, account: str, key: str) -> None:
        self._documents.pop((account, key), None)

    def latest(self, account: str, prefix: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        found = [
            (key, deepcopy(body))
            for (owner, key), body in self._documents.items()
            if owner == account and key.startswith(prefix)
        ]
        return found[::-1][:limit]
