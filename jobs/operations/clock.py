"""Times to come, by the database's clock: the one clock that all processes share."""

import time
from datetime import timedelta

from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now


def in_seconds(seconds: float) -> CombinedExpression:
    """The moment *seconds* from now, for a column or a comparison."""
    return Now() + timedelta(seconds=seconds)


def awake() -> float:
    """Seconds on a clock that never jumps and, where the system has one, goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
