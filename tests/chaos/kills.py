"""The main job while processes are killed: `python -m tests.chaos.kills --seed 7 --kills 40 --jobs 12`.

Starts the whole product, goes the journey over HTTP while a seeded killer sends SIGKILL to worker, web server, broker,
beat and supervisor, waits until all is settled, and compares the books with what was ordered: nothing lost, nothing
twice. Prints a table; the exit status says whether all was well. `--points` also kills the worker at each named line.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.browser.product import ROOT
from tests.chaos.journey import Journey
from tests.chaos.killed import FLUSH, POWER_CUT, SUPERVISOR, KilledProduct, Killer, Orphans, Watch, wait_until_back
from tests.chaos.ledger import Audit, Ledger
from tests.chaos.postgres import Postgres

WEIGHTS = {"worker": 3.0, "web server": 2.5, "broker": 2.5, "beat": 1.5}
AT_POSTGRES = {POWER_CUT: 2.0, FLUSH: 1.0}
BACK_SECONDS = 90.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Plan:
    """What to do: at least so many *jobs* and *kills*, a kill every *pause* seconds or so."""

    seed: int
    jobs: int
    kills: int
    pause: float = 3.0
    photos: int = 5
    at_once: int = 4
    """Jobs that run at the same time."""
    supervisor: bool = False
    postgres: bool = False
    """Whether it keeps its books in a PostgreSQL that loses its power, and its broker forgets everything."""
    points: tuple[str, ...] = ()
    """Named lines at which the worker is killed once each, the first, second or third time that it comes there."""
    latest_reach: int = 3
    patience: float = 120.0
    settle_seconds: float = 300.0


@dataclass
class Result:
    """What came of it."""

    plan: Plan
    seconds: float = 0.0
    settled_after: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    points_hit: int = 0
    pressed_twice: int = 0
    books: dict[str, int] = field(default_factory=dict)
    outages: dict[str, list[float]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The result, a line for each fact."""
        lost = sum("lost" in one for one in self.complaints)
        twice = sum("twice" in one for one in self.complaints)
        facts = {
            "seed": str(self.plan.seed),
            "kills": _counted({"all": self.kills.total() + self.points_hit, **self.kills, "points": self.points_hit}),
            **{name: str(number) for name, number in self.books.items()},
            "forms pressed twice at once": str(self.pressed_twice),
            "longest away": _counted({kind: f"{max(all_):.1f} s" for kind, all_ in sorted(self.outages.items())}),
            "settled": f"{self.settled_after:.0f} s after the last kill, {self.seconds:.0f} s in all",
            "lost": str(lost),
            "twice": str(twice),
            "other complaints": str(len(self.complaints) - lost - twice),
        }
        return "\n".join([*(f"{name:>28}  {value}" for name, value in facts.items()), *self.complaints])


def run(plan: Plan, folder: Path) -> Result:
    """Do as *plan* says with a fresh installation in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    result, began = Result(plan), time.monotonic()
    with ExitStack() as stack:
        database = stack.enter_context(Postgres()) if plan.postgres else None
        orphans = stack.enter_context(Orphans())
        product = stack.enter_context(KilledProduct(folder, database))
        _go(plan, product, result)
        result.seconds = time.monotonic() - began
        result.complaints += _stop(product, orphans)
    return result


def _go(plan: Plan, product: KilledProduct, result: Result) -> None:
    random, ledger = Random(plan.seed), Ledger(product.data, product.database)
    watch = Watch(product)
    weights = {**WEIGHTS, **({SUPERVISOR: 1.0} if plan.supervisor else {}), **(AT_POSTGRES if plan.postgres else {})}
    killer = Killer(product, watch, Random(random.random()), weights)
    _arm(plan, product, random)
    killer.kill_until(plan.kills, plan.pause)
    journey = Journey(product.url, random, plan.patience)
    try:
        with closing(journey.visitor):
            _travel(plan, journey, ledger, killer)
    finally:
        killer.enough.set()
        killer.join(30)
    last_kill = time.monotonic()
    if killer.error is not None or not wait_until_back(watch, BACK_SECONDS):
        result.complaints.append(f"not all processes came back ({killer.error!r})")
    _settle(ledger, plan.settle_seconds)
    result.settled_after = time.monotonic() - last_kill
    result.kills, result.outages, result.books = Counter(killer.kills), watch.seconds, ledger.summary()
    result.pressed_twice = journey.pressed_twice
    result.points_hit = len(plan.points) - len(_armed(product))
    result.complaints += [f"the point {name} was never reached" for name in _armed(product)]
    result.complaints += Audit(ledger, journey.orders, journey.sets, random).complaints()


def _travel(plan: Plan, journey: Journey, ledger: Ledger, killer: Killer) -> None:
    journey.arrive()
    journey.fill_a_set(plan.photos)
    _wait_for_photos(plan, journey, ledger)
    while len(journey.orders) < plan.jobs or len(killer.kills) < plan.kills:
        if killer.error is not None:
            raise killer.error
        if len(journey.orders) % 5 == 4 and len(journey.sets) < 1 + len(journey.orders) // 5:
            journey.fill_a_set(plan.photos)
            _wait_for_photos(plan, journey, ledger)
        if ledger.open_jobs() < plan.at_once:
            journey.order(ledger.checkpoints())
        journey.look_around()
        time.sleep(0.3)


def _wait_for_photos(plan: Plan, journey: Journey, ledger: Ledger) -> None:
    end = time.monotonic() + plan.settle_seconds
    while ledger.waiting_photos() and time.monotonic() < end:
        journey.look_around()
        time.sleep(0.5)


def _settle(ledger: Ledger, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ledger.is_settled() and time.monotonic() < end:
        time.sleep(0.3)


def _arm(plan: Plan, product: KilledProduct, random: Random) -> None:
    for name in plan.points:
        for number in range(random.randint(1, plan.latest_reach)):
            (product.arm_folder(product.folder) / f"{name}.{number}").touch()


def _armed(product: KilledProduct) -> list[str]:
    return sorted({file.stem for file in product.arm_folder(product.folder).iterdir()})


def _stop(product: KilledProduct, orphans: Orphans) -> list[str]:
    """Stop the product as Ctrl-C does; what is wrong when it has."""
    product.process.send_signal(2)
    status = product.process.wait(60)
    end = time.monotonic() + STOP_SECONDS
    while (product.processes() or orphans.found()) and time.monotonic() < end:
        time.sleep(0.2)
    wrong = [] if status == 0 else [f"it stopped with status {status}"]
    return [*wrong, *(f"process {pid} was left behind" for pid in {*product.processes(), *orphans.found()})]


def every_point() -> tuple[str, ...]:
    """The named lines of our operations."""
    sources = (ROOT / "jobs" / "operations").rglob("*.py")
    return tuple(sorted({name for file in sources for name in re.findall(r'\breach\("([^"]+)"\)', file.read_text())}))


def _counted(values: dict[str, object] | Counter[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def main() -> int:
    """The command line; prints the table and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=12)
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between two kills, on average")
    parser.add_argument("--points", action="store_true", help="also kill the worker at each named line")
    parser.add_argument("--postgres", action="store_true", help="with a PostgreSQL whose power is cut, and flushes")
    parser.add_argument("--folder", type=Path, help="where to work; kept when something is wrong")
    chosen = parser.parse_args()
    points = every_point() if chosen.points else ()
    plan = Plan(
        *(chosen.seed, chosen.jobs, chosen.kills, chosen.pause),
        supervisor=True,
        postgres=chosen.postgres,
        points=points,
    )
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="likeness-chaos-"))
    result = run(plan, folder)
    print(result.table())
    if result.complaints:
        print(f"See {folder}")
    return bool(result.complaints)


if __name__ == "__main__":
    sys.exit(main())
