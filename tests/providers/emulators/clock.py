"""The emulator's own time: real time, faster, and pushed on by hand."""

import time


class Clock:
    """*speed* seconds pass in each real one; at 0 time stands still but for `advance`."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed, self._begun, self._start, self._pushed = speed, time.monotonic(), time.time(), 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return self._start + (time.monotonic() - self._begun) * self._speed + self._pushed

    def advance(self, seconds: float) -> None:
        self._pushed += seconds
