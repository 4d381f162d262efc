"""Every way in which the emulator can misbehave, by script and by seed.

Each request takes the next planned fault of its door, or else one drawn by chance. The doors and their faults:

submit    an order arrives. `accept` says whether it is taken all the same.
read      one job is asked after.
list      the latest jobs are asked for.
download  a result is fetched.
callback  a job has ended and we ring.
life      an order was just taken: what becomes of it.

Of any answer: `reset` (hang up), `hang` (say nothing for `seconds`, then hang up), `cut` (break off at byte `at`),
`half_json`, `html`, `empty`, `huge` (50 MB), `slow` (drip for `seconds`), `gzip_bomb`, `nan`, `twice_the_key`, `status`
(with `status`, `body`, `headers`), `redirect` (`status`, `headers`).
submit    `id` (answer with `body` as job_id), `no_id`, `known_id` (an id given before), `twice` (two jobs for one
          order), `ring_first` (the callback comes before the answer).
read/list `state` (`body` as state), `backwards`, `odd_types`, `extra`, `bare` (no optional field), `hostile`,
          `huge_numbers`, `skew` (times off by `seconds`), `no_results`, `few_results`, `unavailable`, `other_job`,
          `no_callback`, `spelling`, `hostile_results`.
list      `stale` (as it was `seconds` ago), `doubled`, `shuffled`, `nothing`, `odd_entries`, `no_list`.
download  `expired` (`status`, an XML page), `longer`, `endless`, `wrong_length`, `page` (200 and HTML), `changed`
          (other bytes, other ETag), `no_ranges`, `weak_etag`.
callback  `never`, `many` (`count`), `late` (`seconds`), `reversed` (success, then running), `malformed`,
          `huge_body`, `deep`, `odd_type`, `forged`, `disagrees`, `drip`.
life      `failure` (`body` is the reason), `never_ends`.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One misbehaviour; which fields count is said with its name."""

    name: str
    accept: bool = True
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 1.0
    at: int = 10
    count: int = 2


def refused(status: int, detail: object = "no", **headers: str) -> Fault:
    """The order or question is turned down with this status."""
    return Fault("status", accept=False, status=status, body={"detail": detail}, headers=headers)


_BROKEN = [Fault("reset"), Fault("cut"), Fault("half_json"), Fault("html"), Fault("empty"), Fault("nan")]
_BROKEN += [Fault("hang", seconds=3), Fault("slow", seconds=2)]
_AILING = [Fault("status", status=status, body={"detail": "sorry"}) for status in (500, 502, 503, 504)]
_BUSY = [refused(429, "slow down", Retry_After="1")]
_ODD = [Fault(name) for name in ("odd_types", "extra", "bare", "hostile", "huge_numbers", "backwards", "spelling")]
_ODD += [Fault("state", body="paused"), Fault("state"), Fault("skew", seconds=86400), Fault("skew", seconds=-86400)]

CATALOGUE: dict[str, list[Fault]] = {
    "submit": [
        *_BROKEN,
        *(Fault(fault.name, accept=False) for fault in _BROKEN),
        *_AILING,
        *(Fault("status", accept=False, status=status) for status in (500, 502, 503, 504)),
        *_BUSY,
        Fault("no_id"),
        Fault("id", body=17),
        Fault("ring_first"),
        Fault("redirect", status=307),
    ],
    "read": [*_BROKEN, *_AILING, *_BUSY, *_ODD],
    "list": [*_BROKEN, *_AILING, *_BUSY, *_ODD, Fault("doubled"), Fault("shuffled"), Fault("no_list")],
    "download": [
        Fault("reset"),
        Fault("cut", at=1000),
        *_AILING,
        *(Fault("expired", status=status) for status in (400, 403)),
        Fault("no_ranges"),
        Fault("weak_etag"),
    ],
    "callback": [
        *(Fault(name) for name in ("never", "reversed", "malformed", "huge_body", "deep", "odd_type", "forged")),
        Fault("many", count=5),
        Fault("late", seconds=2),
        Fault("disagrees"),
    ],
    "life": [Fault("failure", body="The photos show no face.")],
}
"""What chance draws from: nothing here loses a job or a result for good, so that all must come right in the end."""


class Faults:
    """The faults of one emulator. Safe to share between threads; *seed* decides what chance brings, door by door."""

    def __init__(self, seed: int) -> None:
        self.taken: Counter[str] = Counter()
        self._planned: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._rates: dict[str, float] = {}
        self._chance = {door: Random(f"{seed}/{door}") for door in CATALOGUE}
        self._lock = Lock()

    def plan(self, door: str, *faults: Fault | None) -> None:
        """The next requests at *door* meet these, one each; None is good behaviour."""
        with self._lock:
            self._planned[door].extend(faults)

    def always(self, door: str, fault: Fault | None) -> None:
        """Every request at *door* meets *fault* from now on; None ends that."""
        with self._lock:
            self._always.pop(door, None)
            if fault is not None:
                self._always[door] = fault

    def mischief(self, rate: float, *doors: str) -> None:
        """From now on this share of the requests at *doors* (all of them) meets a fault drawn by chance."""
        with self._lock:
            self._rates.update(dict.fromkeys(doors or CATALOGUE, rate))

    def behave(self) -> None:
        """No more faults."""
        with self._lock:
            self._planned.clear()
            self._always.clear()
            self._rates.clear()

    def take(self, door: str) -> Fault | None:
        """What the request that just came in at *door* meets."""
        with self._lock:
            fault = self._next(door)
            if fault is not None:
                self.taken[f"{door}: {fault.name}"] += 1
            return fault

    def _next(self, door: str) -> Fault | None:
        if self._planned[door]:
            return self._planned[door].popleft()
        if door in self._always:
            return self._always[door]
        chance = self._chance[door]
        return chance.choice(CATALOGUE[door]) if chance.random() < self._rates.get(door, 0) else None
