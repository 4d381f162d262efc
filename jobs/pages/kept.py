"""What pages show, kept in this process for as long as nothing in the workspace changes.

The workspace's version is part of every name, so nothing is ever taken out by hand: what belongs to an older version
is not asked for again, and makes room when there is too much (`CACHES`). The version was read before what is kept
under it, so that what is kept can only be newer than its name says, never older.
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import caches

from dashboard.models import Workspace

KEPT_SECONDS = 600

Value = TypeVar("Value")


def kept(workspace: Workspace, name: str, make: Callable[[], Value]) -> Value:
    """What *make* returned for this version of *workspace*; *name* says what it is and for whom."""
    full_name = f"{workspace.pk}:{workspace.version}:{name}"
    found: Value | None = caches["pages"].get(full_name)
    if found is None:
        found = make()
        caches["pages"].set(full_name, found, timeout=KEPT_SECONDS)
    return found
