"""Paid orders under fire: `python -m tests.chaos.paid --orders 1000 --kills 150 --seed 1`.

Places orders at an emulated provider that answers three requests in ten wrongly or not at all, kills workers and web
servers with SIGKILL all the while, stops the mischief, waits until all is settled, and compares our books with what the
emulator charged: nothing lost, nothing charged twice, and nothing left to a person that had rung here. The provider is
dreamlook, which lists its jobs; with `--provider runpod` it is one that does not. `--hanging` and `--other-key` bring
what `tests.chaos.buyer` tells of. `--product` takes the whole product,
broker and beat included, in place of bare processes; it wants pauses in which its supervisor gets everything going.
With `--postgres` the database is a PostgreSQL that is stopped as by a power cut, and the broker forgets what it had.
Prints a table; the exit status says whether all was well.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol, Self

from tests.browser.product import ROOT, _outside_tests, free_port
from tests.chaos.books import Books
from tests.chaos.buyer import HANGING, OTHER, OTHER_KEY
from tests.chaos.killed import FLUSH, LONGEST_CUT, POWER_CUT, KilledProduct, Killer, Watch
from tests.chaos.ledger import Ledger
from tests.chaos.postgres import Postgres
from tests.chaos.trial_orders import TRIAL_ORDERS, played
from tests.providers.emulators.base import Emulator
from tests.up.watched import command_line

MISCHIEF = 0.3
FAILING = 0.05
"""Share of the jobs that fail at the provider."""
WORKERS = 2
POWER_CUTS = 0.1
"""Share of the kills of a house that cut its database's power."""
HOUSE_WEIGHTS = {"worker": 3.0, "web": 1.0}
PRODUCT_WEIGHTS = {"worker": 3.0, "web server": 1.5, "beat": 1.5, "broker": 0.7}
AT_POSTGRES = {POWER_CUT: 0.5, FLUSH: 0.5}


@dataclass(frozen=True)
class Plan:
    """What to do. *pause* is the mean number of seconds between two kills, *patience* how long a hang is endured."""

    seed: int
    orders: int
    kills: int
    pause: float = 1.0
    at_once: int = 24
    keys: int = 3
    patience: float = 1.0
    settle_seconds: float = 300.0
    product: bool = False
    postgres: bool = False
    provider: str = "dreamlook"
    troubles: tuple[str, ...] = ()
    """Besides the mischief: `hanging`, `other-key`; `tests.chaos.buyer` tells of them."""


@dataclass
class Result:
    """What came of it."""

    plan: Plan
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    settled_after: float = 0.0
    books: dict[str, object] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        return [*self.lost, *self.twice, *self.stuck, *self.needless]

    def table(self) -> str:
        facts = {
            "provider": self.plan.provider,
            "seed": self.plan.seed,
            "troubles": ", ".join(self.plan.troubles) or "none",
            "kills": f"{self.kills.total()} ({', '.join(f'{kind} {count}' for kind, count in self.kills.items())})",
            **self.books,
            "settled": f"{self.settled_after:.0f} s after the faults stopped, {self.seconds:.0f} s in all",
            "lost": len(self.lost),
            "charged twice": len(self.twice),
            "stuck": len(self.stuck),
            "left to a person needlessly": len(self.needless),
        }
        return "\n".join([*(f"{name:>28}  {value}" for name, value in facts.items()), *self.complaints])


def environment(emulator: Emulator, port: int, patience: float, provider: str = "dreamlook") -> dict[str, str]:
    """What an installation needs to know so that *provider* is the emulator, and can ring back."""
    return {
        "PROVIDER_BASE_URLS": f"{provider}={emulator.url}",
        "ALLOW_PRIVATE_PROVIDER_HOSTS": "1",
        "PROVIDER_PATIENCE_SECONDS": str(patience),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


class House:
    """Bare processes of one installation, forked on demand; see `house`."""

    def __init__(self, data: Path, port: int, told: dict[str, str]) -> None:
        here = {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "DATA_DIR": str(data), "LOG_LEVEL": "ERROR"}
        data.mkdir(parents=True, exist_ok=True)
        self._log = (data / "log.txt").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.house", str(port)],
            cwd=ROOT,
            env={**_outside_tests(), **here, **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        if self._read() != "ready":
            raise AssertionError((data / "log.txt").read_text()[-4000:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def start(self, role: str, *told: object) -> int:
        """Fork a process and return its id."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, [role, *told])) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def end(self, pid: int) -> None:
        """Kill a process that `start` gave."""
        assert "tests.chaos.house" in command_line(pid), "it had died by itself"
        os.kill(pid, signal.SIGKILL)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


class Fire(Protocol):
    """Whoever kills: how many it has killed by kind, and whether that was enough."""

    @property
    def kills(self) -> Counter[str]: ...

    def burn(self) -> None:
        """Kill what is due, if anything."""

    def stop(self) -> None: ...


class HouseFire:
    """Kills one of the house's processes every now and then, and starts another in its place; cuts the power of its
    database, where it has one."""

    def __init__(self, plan: Plan, house: House, database: Postgres | None) -> None:
        self.plan, self.house, self.random = plan, house, Random(f"{plan.seed}/kills")
        self.database = database
        self.kills: Counter[str] = Counter()
        self.pids = [("worker", house.start("worker")) for _ in range(WORKERS)] + [("web", house.start("web"))]
        self._next = self._when()

    def _when(self) -> float:
        return time.monotonic() + self.random.uniform(0.2, 1.8) * self.plan.pause

    def burn(self) -> None:
        if self.kills.total() >= self.plan.kills or time.monotonic() < self._next:
            return
        if self.database is not None and self.random.random() < POWER_CUTS:
            self.database.cut(self.random.uniform(0.0, LONGEST_CUT))
            self.kills[POWER_CUT] += 1
        else:
            self._kill()
        self._next = self._when()

    def _kill(self) -> None:
        weights = [HOUSE_WEIGHTS[kind] for kind, _ in self.pids]
        victim = self.random.choices(range(len(self.pids)), weights)[0]
        kind, pid = self.pids[victim]
        self.house.end(pid)
        self.pids[victim] = kind, self.house.start(kind)
        self.kills[kind] += 1

    def stop(self) -> None:
        return


class ProductFire:
    """The same for the product, which starts its processes again itself."""

    def __init__(self, plan: Plan, product: KilledProduct) -> None:
        weights = {**PRODUCT_WEIGHTS, **(AT_POSTGRES if plan.postgres else {})}
        self._killer = Killer(product, Watch(product), Random(f"{plan.seed}/kills"), weights)
        self._killer.kill_until(plan.kills, plan.pause)

    @property
    def kills(self) -> Counter[str]:
        return Counter(self._killer.kills)

    def burn(self) -> None:
        if self._killer.error is not None:
            raise self._killer.error

    def stop(self) -> None:
        self._killer.enough.set()
        self._killer.join(30)


def run(plan: Plan, folder: Path) -> Result:
    """Do as *plan* says with a fresh installation in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    with played(plan.provider, plan.seed) as emulator:
        for number in (*range(plan.keys), OTHER):
            emulator.books.open_account(TRIAL_ORDERS[plan.provider].account(number), 10**9)
        emulator.faults.mischief(MISCHIEF)
        emulator.faults.mischief(FAILING, "life")
        run_in = _in_product if plan.product else _in_house
        if not plan.postgres:
            return run_in(plan, folder, emulator, None)
        with Postgres() as database:
            return run_in(plan, folder, emulator, database)


def _in_house(plan: Plan, folder: Path, emulator: Emulator, database: Postgres | None) -> Result:
    port, ledger = free_port(), Ledger(folder / "data", database)
    told = environment(emulator, port, plan.patience, plan.provider) | (database.environment if database else {})
    with House(folder / "data", port, told) as house:
        return _go(plan, ledger, emulator, house, HouseFire(plan, house, database))


def _in_product(plan: Plan, folder: Path, emulator: Emulator, database: Postgres | None) -> Result:
    product = KilledProduct(folder, database)
    told = environment(emulator, product.port, plan.patience, plan.provider)
    told |= database.environment if database else {}
    product.environment |= told
    with product, House(product.data, product.port, told) as house:
        return _go(plan, Ledger(product.data, database), emulator, house, ProductFire(plan, product))


def _go(plan: Plan, ledger: Ledger, emulator: Emulator, house: House, fire: Fire) -> Result:
    began, result = time.monotonic(), Result(plan)
    troubles = ",".join(plan.troubles) or "none"
    house.start("buyer", plan.provider, emulator.url, plan.seed, plan.orders, plan.at_once, plan.keys, troubles)
    while not _is_nearly_done(plan, ledger) or fire.kills.total() < plan.kills:
        fire.burn()
        time.sleep(0.05)
    fire.stop()
    emulator.faults.behave()
    stopped = time.monotonic()
    while Books(ledger, emulator).stuck() and time.monotonic() - stopped < plan.settle_seconds:
        time.sleep(0.5)
    books = Books(ledger, emulator)
    result.kills, result.books = fire.kills, books.summary()
    result.lost, result.twice, result.stuck = books.lost(), books.twice(), books.stuck()
    result.needless = books.needless()
    result.settled_after, result.seconds = time.monotonic() - stopped, time.monotonic() - began
    return result


def _is_nearly_done(plan: Plan, ledger: Ledger) -> bool:
    """Whether everything is ordered, only few orders are still under way, and the changed key is back."""
    if OTHER_KEY in plan.troubles and ledger.count("dashboard_auditentry WHERE action = 'key.replaced'") < 2:
        return False
    return ledger.count("jobs_job") >= plan.orders and ledger.open_jobs() <= plan.at_once // 4


def main() -> int:
    """The command line; prints the table and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.paid", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two kills; 7 with --product")
    parser.add_argument("--provider", choices=sorted(TRIAL_ORDERS), default="dreamlook")
    parser.add_argument("--hanging", action="store_true", help="spells in which the provider answers nothing")
    parser.add_argument("--other-key", action="store_true", help="a key is changed while answers are lost")
    parser.add_argument("--product", action="store_true", help="kill the whole product's processes")
    parser.add_argument("--postgres", action="store_true", help="with a PostgreSQL whose power is cut, and flushes")
    parser.add_argument("--folder", type=Path, help="where to work; kept when something is wrong")
    chosen = parser.parse_args()
    plan = Plan(
        *(chosen.seed, chosen.orders, chosen.kills, chosen.pause),
        product=chosen.product,
        postgres=chosen.postgres,
        provider=chosen.provider,
        troubles=(HANGING,) * chosen.hanging + (OTHER_KEY,) * chosen.other_key,
    )
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="likeness-paid-"))
    result = run(plan, folder)
    print(result.table())
    if result.complaints:
        print(f"See {folder}")
    return bool(result.complaints)


if __name__ == "__main__":
    sys.exit(main())
