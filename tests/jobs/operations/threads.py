"""The same thing from many threads at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(count: int, work: Callable[[], T]) -> list[T]:
    """What *work* returned in each of *count* threads that started it together."""
    together = threading.Barrier(count)

    def run() -> T:
        try:
            together.wait(timeout=10)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]
