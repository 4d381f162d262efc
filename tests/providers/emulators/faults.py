"""Every way in which an emulator can misbehave, by script and by seed.

Each request takes the next planned fault of its door, or else one drawn by chance. Which doors there are, and what
else can go wrong at each, each emulator's own `faults` says. Of any answer:

`reset` (hang up), `hang` (say nothing for `seconds`, then hang up), `cut` (break off at byte `at`), `half_json`,
`html`, `empty`, `huge` (50 MB), `slow` (drip for `seconds`), `gzip_bomb`, `nan`, `twice_the_key`, `status` (`status`,
`body`, `headers`), `redirect` (`status`, `headers`).
download  a result is fetched: `expired` (`status`, an XML page), `longer`, `endless`, `wrong_length`, `page` (200 and
          HTML), `changed` (other bytes, other ETag), `no_ranges`, `weak_etag`.
callback  a job has ended and we ring: `never`, `many` (`count`), `late` (`seconds`), `reversed` (the end, then
          running), `malformed`, `huge_body`, `deep`, `odd_type`, `forged`, `disagrees`, `drip`.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


BROKEN = [Fault("reset"), Fault("cut"), Fault("half_json"), Fault("html"), Fault("empty"), Fault("nan")]
BROKEN += [Fault("hang", seconds=3), Fault("slow", seconds=2)]
BROKEN_UNTAKEN = [replace(fault, accept=False) for fault in BROKEN]
DOWNLOADS = [Fault("reset"), Fault("cut", at=1000), Fault("no_ranges"), Fault("weak_etag")]
DOWNLOADS += [Fault("status", status=status, body={}) for status in (500, 502, 503, 504)]
CALLBACKS = [Fault(name) for name in ("never", "reversed", "malformed", "huge_body", "deep", "odd_type", "forged")]
CALLBACKS += [Fault("many", count=5), Fault("late", seconds=2), Fault("disagrees")]


class Faults:
    """The faults of one emulator. Safe to share between threads; *seed* decides what chance brings, door by door."""

    def __init__(self, seed: int, catalogue: Mapping[str, list[Fault]]) -> None:
        self.catalogue = catalogue
        self.taken: Counter[str] = Counter()
        self._planned: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._rates: dict[str, float] = {}
        self._chance = {door: Random(f"{seed}/{door}") for door in catalogue}
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
            self._rates.update(dict.fromkeys(doors or self.catalogue, rate))

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
        return chance.choice(self.catalogue[door]) if chance.random() < self._rates.get(door, 0) else None
