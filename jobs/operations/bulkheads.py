"""How a worker's threads are shared out (bulkheads): no provider that hangs, and no heap of downloads, holds them all.

Most of what a worker does is waiting for a provider, for a minute and longer when that one does not answer. So each
kind of such work has places of its own in a process, and each provider only some of them. Who finds none free leaves at
once; its row stays due, and whoever gives a place back sends a message for who was turned away first. Where that
message gets lost too, the sweep sends another.

Photos have a limit of their own (`photos.processing`). What all of this leaves is for the sweep, heartbeats and e-mail,
which have to run whatever else goes on.
"""

import threading
from collections import Counter
from collections.abc import Callable

from jobs.models import ApiKey, Job
from jobs.operations.enqueue import enqueue


class Bulkhead:
    """Places for one *task*: *most* in all, *of_one* for a single provider."""

    def __init__(self, task: str, *, of_one: int, most: int | None = None) -> None:
        self.task, self.of_one, self.most = task, of_one, most
        self._lock = threading.Lock()
        self._taken = Counter[str]()
        self._turned_away: dict[tuple[int | str, ...], str] = {}

    def run(self, work: Callable[..., None], owner: type[Job] | type[ApiKey], pk: int, *more: str) -> None:
        """Do *work* with the row *pk* of *owner*, which has a provider, if there is a place for that provider."""
        provider = owner._default_manager.filter(pk=pk).values_list("provider", flat=True).first()
        if provider is None or not self._take(provider, (pk, *more)):
            return
        try:
            work(pk, *more)
        finally:
            self._give_back(provider)

    def _take(self, provider: str, args: tuple[int | str, ...]) -> bool:
        with self._lock:
            if not self._is_free(provider):
                self._turned_away[args] = provider
                return False
            self._taken[provider] += 1
            self._turned_away.pop(args, None)
            return True

    def _give_back(self, provider: str) -> None:
        with self._lock:
            self._taken[provider] -= 1
            waiting = (args for args, theirs in self._turned_away.items() if self._is_free(theirs))
            if args := next(waiting, None):
                del self._turned_away[args]
        if args:
            enqueue(self.task, *args)

    def _is_free(self, provider: str) -> bool:
        return self._taken[provider] < self.of_one and (self.most is None or self._taken.total() < self.most)


ORDERS = Bulkhead("submit", of_one=4)
QUESTIONS = Bulkhead("poll_key", of_one=4)
RESULTS = Bulkhead("fetch_results", of_one=6, most=8)
