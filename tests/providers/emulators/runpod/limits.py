"""How often one may ask, in real time, whatever the emulator's clock says."""

import time
from collections import deque
from threading import Lock

SECONDS = 10.0
STATUS = 2000
CANCEL = 100


class Limit:
    """At most *count* requests in any ten seconds. *total* is how many came, *most* the most in ten seconds."""

    def __init__(self, count: int) -> None:
        self.count, self.total, self.most = count, 0, 0
        self._times: deque[float] = deque()
        self._lock = Lock()

    def takes(self) -> bool:
        """Count a request; whether it is still within the limit."""
        now = time.monotonic()
        with self._lock:
            while self._times and self._times[0] <= now - SECONDS:
                self._times.popleft()
            self._times.append(now)
            self.total += 1
            self.most = max(self.most, len(self._times))
            return len(self._times) <= self.count
