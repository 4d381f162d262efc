"""What a workspace's admins must know at once, whatever page they are on.

Apps say what it is: the dashboard knows no jobs.
"""

from collections.abc import Callable, Iterable

from django.core.cache import caches

from dashboard.models import Workspace

KEPT_SECONDS = 15
"""For so long an answer holds in a process, so that pages do not each ask again."""

sources: list[Callable[[Workspace], Iterable[str]]] = []
"""What apps have added, once each, when they got ready: each gives sentences, and hardly ever any."""


def of(workspace: Workspace) -> list[str]:
    """Every sentence that the admins of *workspace* should read now."""
    name = f"alarms:{workspace.pk}"
    found: list[str] | None = caches["fragments"].get(name)
    if found is None:
        found = [sentence for source in sources for sentence in source(workspace)]
        caches["fragments"].set(name, found, timeout=KEPT_SECONDS)
    return found
