"""The product, something that kills its processes at random moments, and a watch on how soon they are back."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from typing import Self

from dashboard.up import broker
from tests.browser.product import ROOT
from tests.chaos.postgres import FOLDER, Postgres
from tests.up.watched import WatchedProduct, children_of, command_line, is_running

CHILDREN = ("worker", "web server", "broker", "beat")
SUPERVISOR = "supervisor"
FLUSH, POWER_CUT = "flush", "power cut"
LONGEST_CUT = 4.0
"""Seconds for which the database's power is away, at most."""
SWEEP_LEASE_SECONDS = 1.8
POINTS = Path(__file__).with_name("points")


class KilledProduct(WatchedProduct):
    """The product in short order: little waiting at the practice provider, and a heartbeat to see it live by."""

    def __init__(self, folder: Path, database: Postgres | None = None, **environment: str) -> None:
        quick = {"PRACTICE_TRAINING_SECONDS": "4", "PRACTICE_IMAGE_SECONDS": "0.3", "HEARTBEAT_SECONDS": "2"}
        armed = {"PYTHONPATH": str(POINTS), "KILL_AT": str(self.arm_folder(folder))}
        super().__init__(folder, **quick, **armed, **environment)
        for name in ("DATABASE_URL", "REDIS_URL"):  # its own broker is killed too, and its books are read as a file
            self.environment.pop(name, None)
        self.database = database
        self.environment |= database.environment if database else {}
        self.arm_folder(folder).mkdir()

    @staticmethod
    def arm_folder(folder: Path) -> Path:
        return folder / "armed"

    def start_again(self) -> None:
        """The command once more, after the supervisor was killed."""
        self.process.wait()
        self.process = subprocess.Popen(
            self.command(), cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def pid_of(self, kind: str) -> int:
        """The process id; 0 while there is none."""
        if kind == SUPERVISOR:
            return self.process.pid
        with suppress(OSError):
            return self.child(kind)
        return 0

    def ask_database(self, question: str) -> str:
        """The one answer as text, empty when the database is not there yet."""
        if self.database is not None:
            return str(next(iter(self.database.rows(question)[0].values())) or "")
        with suppress(sqlite3.OperationalError):
            address = f"file:{self.data}/likeness.sqlite3?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=5)) as database:
                return str((database.execute(question).fetchone() or [""])[0] or "")
        return ""


@dataclass
class Outage:
    """A time for which something was away, in seconds since 1970."""

    kind: str
    began: float
    killed: float
    new_pid_seen: float = 0.0


@dataclass
class Watch:
    """Measures for each killed process how long nobody did its work."""

    product: KilledProduct
    seconds: dict[str, list[float]] = field(default_factory=dict)
    _open: dict[str, Outage] = field(default_factory=dict)
    _victims: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def killed(self, kind: str, pid: int) -> None:
        now = time.time()
        self._victims[kind] = pid
        with self._lock:
            outage = self._open.setdefault(kind, Outage(kind, now, now))
            outage.killed, outage.new_pid_seen = now, 0.0

    def look(self) -> None:
        """Close every outage that is over."""
        for outage in list(self._open.values()):
            killed = outage.killed
            is_over = self._is_over(outage)
            with self._lock:
                if is_over and outage.killed == killed:
                    self.seconds.setdefault(outage.kind, []).append(time.time() - outage.began)
                    del self._open[outage.kind]

    @property
    def is_all_back(self) -> bool:
        return not self._open

    def _is_over(self, outage: Outage) -> bool:
        pid = self.product.pid_of(outage.kind)
        if pid in (0, self._victims[outage.kind]):
            return False
        outage.new_pid_seen = outage.new_pid_seen or time.time()
        works = {
            "broker": lambda: broker.answers(broker.socket_path(self.product.data)),
            "web server": self.product.is_alive,
            "worker": lambda: self._heartbeat() > outage.killed,
            "beat": lambda: self._sweep() > outage.new_pid_seen,
            SUPERVISOR: lambda: self.product.is_ready() and self._heartbeat() > outage.killed,
        }
        return works[outage.kind]()

    def _heartbeat(self) -> float:
        return _moment(self.product.ask_database("SELECT max(at) FROM dashboard_heartbeat"))

    def _sweep(self) -> float:
        until = self.product.ask_database("SELECT until FROM jobs_lease WHERE name = 'sweep'")
        return _moment(until) - SWEEP_LEASE_SECONDS


def blows(product: KilledProduct, random: Random) -> dict[str, Callable[[], None]]:
    """What else can be done to *product* than killing one of its processes."""
    found: dict[str, Callable[[], None]] = {FLUSH: lambda: _flush(product)}
    if (database := product.database) is not None:
        found[POWER_CUT] = lambda: database.cut(random.uniform(0.0, LONGEST_CUT))
    return found


def _flush(product: KilledProduct) -> None:
    """Let the broker forget everything."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.fspath(broker.socket_path(product.data)))
        connection.sendall(b"FLUSHALL\r\n")
        connection.recv(64)


class Killer(Thread):
    """Kills one process after another with SIGKILL, or deals another of the `blows`: which one and when is decided by
    *random*. What went wrong in here is kept in `error`.
    """

    def __init__(self, product: KilledProduct, watch: Watch, random: Random, weights: dict[str, float]) -> None:
        super().__init__(daemon=True)
        self.product, self.watch, self.random, self.weights = product, watch, random, weights
        self.blows = blows(product, random)
        self.pause = 3.0
        self.kills: list[str] = []
        self.enough = Event()
        self.error: BaseException | None = None

    def kill_until(self, count: int, pause: float) -> None:
        self.count, self.pause = count, pause
        self.start()

    def run(self) -> None:
        try:
            while len(self.kills) < self.count and not self.enough.is_set():
                if not self._rest(self.random.uniform(0.2, 2 * self.pause)):
                    self._kill()
            self._rest(float("inf"))
        except BaseException as error:
            self.error = error
            raise

    def _rest(self, seconds: float) -> bool:
        """Keep watching for so long; whether it was enough meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.enough.is_set():
            self.watch.look()
            time.sleep(0.1)
        return self.enough.is_set()

    def _kill(self) -> None:
        kind = self.random.choices(list(self.weights), list(self.weights.values()))[0]
        if kind in self.blows:
            self.blows[kind]()
            self.kills.append(kind)
            return
        pid = self.product.pid_of(kind)
        if not pid or not is_running(pid):
            return
        os.kill(pid, signal.SIGKILL)
        self.watch.killed(kind, pid)
        self.kills.append(kind)
        if kind == SUPERVISOR:
            self.product.start_again()


def wait_until_back(watch: Watch, seconds: float) -> bool:
    """Whether everything that was killed works again within *seconds*."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watch.look()
        if watch.is_all_back:
            return True
        time.sleep(0.1)
    return False


class Orphans:
    """Makes this process the one that inherits whatever the product leaves behind (Linux)."""

    def __enter__(self) -> Self:
        _adopt_orphans(1)
        self.own = set(children_of(os.getpid()))
        return self

    def __exit__(self, *reason: object) -> None:
        _adopt_orphans(0)

    def found(self) -> list[int]:
        """Living processes that lost their parent; the dead ones are buried. A database that was started anew is ours
        and no orphan."""
        left = [pid for pid in children_of(os.getpid()) if pid not in self.own and FOLDER not in command_line(pid)]
        for pid in left:
            if not is_running(pid):
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
        return [pid for pid in left if is_running(pid)]


def _adopt_orphans(yes: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(36, yes)  # PR_SET_CHILD_SUBREAPER


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else 0.0
