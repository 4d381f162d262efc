"""Work from several threads at the same moment."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import connection, connections

T = TypeVar("T")

LINGERING = 3
"""Over so many of its first locks a transaction lingers."""
_LOCKING = ("UPDATE ", "DELETE ", "INSERT ")


def at_once(count: int, work: Callable[[], T]) -> list[T]:
    """What *work* returned in each of *count* threads that started it together."""
    return _together([work] * count)


def slowly(works: Sequence[Callable[[], T]], pauses: Sequence[float]) -> list[T]:
    """What *works* returned, which started together. Each lingers for its *pauses*' seconds over what it locks, so
    that two that could wait for each other do."""
    return _together([partial(_lingering, work, pause) for work, pause in zip(works, pauses, strict=True)])


def _together(works: Sequence[Callable[[], T]]) -> list[T]:
    together = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        try:
            together.wait(timeout=60)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def _lingering(work: Callable[[], T], pause: float) -> T:
    left = LINGERING

    def linger(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        result = execute(sql, params, many, context)
        if left and connection.in_atomic_block and (sql.startswith(_LOCKING) or " FOR " in sql):
            left -= 1
            time.sleep(pause)
        return result

    with connection.execute_wrapper(linger):
        return work()
