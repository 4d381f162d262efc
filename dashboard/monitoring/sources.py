"""What apps report to the dashboard, which knows no jobs: findings and the backlog for the System page, and alarms for
a workspace's admins. Each app adds its own to the lists below, once, when it gets ready.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches

from dashboard.models import Workspace

OVERDUE_SECONDS = 60
"""A sweep comes every two seconds: what has been due for this long, somebody ought to have done."""
ALARM_SECONDS = 15
"""For so long an answer about alarms holds in a process, so that pages do not each ask again."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, how it is, and its tone (good, warn, bad or neutral)."""

    name: str
    said: str
    tone: str = "neutral"
    at: datetime | None = None
    size: int | None = None
    """Bytes that *said* is about."""


@dataclass(frozen=True)
class Backlog:
    """Steps of one kind: how many are due, and how many of these have been for longer than OVERDUE_SECONDS."""

    step: str
    due: int
    overdue: int


outside: list[Callable[[], Iterable[Finding]]] = []
"""How this server and others reach each other."""
backlogs: list[Callable[[], Iterable[Backlog]]] = []
"""What has fallen due, by the database: every kind of step, those with nothing due included."""
alarms: list[Callable[[Workspace], Iterable[str]]] = []
"""Sentences that the admins of a workspace must read at once, whatever page they are on; hardly ever any."""


def alarms_of(workspace: Workspace) -> list[str]:
    """Every sentence that the admins of *workspace* should read now."""
    name = f"alarms:{workspace.pk}"
    found: list[str] | None = caches["fragments"].get(name)
    if found is None:
        found = [sentence for source in alarms for sentence in source(workspace)]
        caches["fragments"].set(name, found, timeout=ALARM_SECONDS)
    return found
