"""Places for those who may be slow: the server keeps a thread for each of them, and must have threads left for others.

Whoever sends a body or fetches a large file holds a place for as long as that takes. Each address has few, strangers
together have no more than half of those for bodies, and each person who is signed in has some of their own.
"""

from collections import Counter
from dataclasses import dataclass
from threading import Condition

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from dashboard.web.client_address import address_of

PATIENCE = 0.2
"""Seconds for which somebody waits until there is a place."""


class Busy(BadRequest):
    """There is no place. The *sentence* is for people."""

    sentence = "Too much is being sent here just now. Wait a moment and send it again."
    status = 503


@dataclass(frozen=True)
class Asker:
    """A person who is signed in, or whoever asks from an address."""

    name: str
    is_signed_in: bool


def asker(request: HttpRequest) -> Asker:
    """Who sends *request*, as far as is known by now."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return Asker(str(user.pk), is_signed_in=True)
    return Asker(address_of(request), is_signed_in=False)


class Places:
    """*most* places, of which one asker gets *each*, and those who are not signed in get *strangers* together."""

    def __init__(self, most: int, each: int, strangers: int) -> None:
        self.most, self.each, self.strangers = most, each, strangers
        self._taken: Counter[Asker] = Counter()
        self._changed = Condition()

    def take(self, who: Asker) -> None:
        """Take a place, for `give_back`. Raises Busy when there is none within PATIENCE."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free_for(who), PATIENCE):
                raise Busy(Busy.sentence)
            self._taken[who] += 1

    def give_back(self, who: Asker) -> None:
        with self._changed:
            self._taken[who] -= 1
            self._taken += Counter()  # whoever has none is forgotten
            self._changed.notify_all()

    def _is_free_for(self, who: Asker) -> bool:
        strangers = sum(count for each, count in self._taken.items() if not each.is_signed_in)
        is_room = self._taken.total() < self.most and self._taken[who] < self.each
        return is_room and (who.is_signed_in or strangers < self.strangers)


BODIES = Places(most=16, each=6, strangers=8)
STREAMS = Places(most=14, each=6, strangers=14)
"""Only somebody who is signed in or has a provider's token gets large files at all."""
