"""Times to come, by the database's clock: the one clock that all processes share (B11)."""

import random
import time
from datetime import timedelta

from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now


def in_seconds(seconds: float) -> CombinedExpression:
    """The moment *seconds* from now, for a column or a comparison."""
    return Now() + timedelta(seconds=seconds)


def backoff(tries: int, least: float = 2.0, most: float = 60.0) -> float:
    """Seconds to wait after so many failures: random, so that many jobs do not come back at once."""
    return random.uniform(least, min(most, least * 2 ** max(1, min(tries, 10))))  # noqa: S311 - no secret


def awake() -> float:
    """Seconds on a clock that never jumps and, where the system has one, goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
