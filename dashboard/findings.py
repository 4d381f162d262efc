"""What was looked at and how it is, for the System page. Apps add what they know of: the dashboard knows no jobs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, how it is, and its tone (good, warn, bad or neutral)."""

    name: str
    said: str
    tone: str = "neutral"
    at: datetime | None = None
    size: int | None = None
    """Bytes that *said* is about."""


from_outside: list[Callable[[], Iterable[Finding]]] = []
"""How this server is reached from outside: what apps have added, once each, when they got ready."""


def seen_from_outside() -> list[Finding]:
    """Everything that apps know about that."""
    return [finding for find in from_outside for finding in find()]
