"""What people are owed and has fallen due. Apps say how to count it; the System page shows it.

The dashboard knows nothing of jobs, so the counting comes from where the rows are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

OVERDUE_SECONDS = 60
"""A sweep comes every two seconds: what has been due for this long, somebody ought to have done."""


@dataclass(frozen=True)
class Owed:
    """Steps of one kind: how many are due, and how many of these have been for longer than OVERDUE_SECONDS."""

    step: str
    due: int
    overdue: int


counters: list[Callable[[], Iterable[Owed]]] = []
"""What apps have added, once each, when they got ready."""


def everything() -> list[Owed]:
    """Every kind of step and how much of it is due, the kinds with nothing due included."""
    return [owed for count in counters for owed in count()]
