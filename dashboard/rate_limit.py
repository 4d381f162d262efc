"""So many times in so many seconds, counted where all processes see it."""

import time

from django.core.cache import cache


def within(name: str, most: int, seconds: int) -> bool:
    """Count one more of what *name* says; False when that makes more than *most* in this stretch of *seconds*."""
    key = f"rate:{name}:{int(time.time()) // seconds}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        return cache.incr(key) <= most
    except ValueError:  # it was pushed out at this moment
        return True
