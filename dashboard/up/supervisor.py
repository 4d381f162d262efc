"""The product's processes: their command lines, and the supervisor that keeps them running until somebody asks to stop.

docker-compose.yml runs the same commands, and a test compares them.
"""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from dashboard import SAID_WHY, CannotStart
from dashboard.up import broker
from dashboard.up.address import Address, ask
from dashboard.up.child import Child
from dashboard.up.data_folder import BASE
from dashboard.up.terminal import say

QUEUES = "submit,poll,results,photos"
WORKER_THREADS = 32
"""More than `jobs.operations.bulkheads` gives out while every provider hangs; a thread begins when it is needed."""
TICK = 0.1
MISSED_BEATS = 9
"""So many heartbeats a worker may miss before it counts as stuck: busy workers are late, dead ones are silent."""
SILENT_SECONDS = 30.0
"""For so long the web server may answer nothing, however small, before it is started again."""
STARTING_SECONDS = 20.0
"""What a worker may need on a busy machine before its first heartbeat."""


def web_command(address: Address) -> list[str]:
    """One process. A slow upload or download keeps a thread for as long as it lasts, so there are more of them than
    `dashboard.web.places` gives away; each may hold a connection to the database. HTTP/1 alone: over one connection of
    HTTP/2 a stranger could ask for everything at once and read none of it."""
    options = ["--interface", "wsgi", "--host", address.host, "--port", str(address.port), "--workers", "1"]
    options += ["--http", "1", "--no-ws", "--blocking-threads", "40", "--workers-kill-timeout", "4"]
    options += ["--http1-header-read-timeout", "10000"]
    options += ["--log-level", "error", "--log-config", str(Path(__file__).with_name("granian-logs.json"))]
    return [sys.executable, "-m", "granian", *options, "--factory", "dashboard.wsgi:begin"]


def worker_command(queues: str = QUEUES) -> list[str]:
    """Threads, because the work is waiting for providers; pictures are decoded in processes of their own."""
    options = ["--pool", "threads", "--concurrency", str(WORKER_THREADS), "--queues", queues]
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "--quiet", "--app", "dashboard.celery", "worker", *options]


def beat_command(data: Path) -> list[str]:
    options = ["--schedule", str(data / "beat"), "--pidfile=", "--loglevel", "WARNING"]
    return [sys.executable, "-m", "celery", "--quiet", "--app", "dashboard.worker.beat", "beat", *options]


def children(data: Path, address: Address, env: Mapping[str, str], lock: int, listen: Path | None) -> list[Child]:
    """Everything that runs, in the order in which it starts; it stops in the opposite one."""
    keep = (lock,)
    everything = [
        # The web server ends its inner process itself; the rest have none, and work that was cut off is done again
        Child("web server", web_command(address), env, when_orphaned=signal.SIGTERM, keep_open=keep),
        Child("worker", worker_command(), env, patience=20.0, keep_open=keep),
        Child("beat", beat_command(data), env, keep_open=keep),
    ]
    if listen is not None:
        everything.insert(
            0, Child("broker", broker.command(data, listen), env, keep_open=keep, mend=lambda: broker.set_aside(data))
        )
    return everything


def prepare_command() -> list[str]:
    return [sys.executable, str(BASE / "manage.py"), "prepare"]


@dataclass
class Supervisor:
    """Watches its children and starts again what dies, and what lives without answering or taking any work."""

    address: Address
    header: str
    """The Host header for questions to our own web server."""
    heartbeat_seconds: float
    stop_asked: int = 0
    """How many times somebody asked to stop; the second time means at once."""
    children: list[Child] = field(default_factory=list)
    announced: bool = False
    when_ready: Callable[[], None] = lambda: None
    """Called once, when the first page has answered."""
    looked_at: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)
    """When the web server last answered."""
    silent_seconds: float = SILENT_SECONDS

    def listen_for_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked += 1

    def add(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def run_once(self, child: Child) -> None:
        """Run *child* to its end while the others go on; raises CannotStart when it fails."""
        child.start()
        while child.is_running and not self.stop_asked:
            time.sleep(TICK / 5)
        if self.stop_asked:
            child.stop(self._is_urgent)
        elif child.process is not None and child.process.returncode == SAID_WHY:
            raise CannotStart
        elif child.process is None or child.process.returncode:
            raise CannotStart(f"{child.name.capitalize()} failed; the reason stands above. Nothing was started.")

    def watch(self, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Keep the children going until somebody asks to stop."""
        while not (self.stop_asked or is_enough()):
            for child in self.children:
                self._revive(child)
            if not self.announced:
                self._announce()
            elif time.monotonic() - self.looked_at > self.heartbeat_seconds / 2:
                self._look()
            time.sleep(TICK)

    def wait_for_page(self, seconds: float) -> None:
        """Give the web server the machine to itself until it answers, for *seconds* at most."""
        give_up = time.monotonic() + seconds
        self.watch(lambda: self.announced or time.monotonic() > give_up)

    def stop(self) -> None:
        """End everything, the last started first."""
        for child in reversed(self.children):
            child.stop(self._is_urgent)

    def _is_urgent(self) -> bool:
        return self.stop_asked > 1

    def _revive(self, child: Child) -> None:
        if child.is_running:
            return
        if child.process is not None:
            code = child.process.returncode
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            pause = child.plan_restart()
            say(f"The {child.name} ended unexpectedly ({how}). Starting it again in {pause:g} s.")
            if code > 0 and child.mend is not None and (told := child.mend()):
                say(told)
        if time.monotonic() >= child.start_again_at:
            child.start()

    def _announce(self) -> None:
        status, _ = ask(self.address, "/health/live/", self.header, seconds=1.0)
        if status == 200:
            self.announced = True
            self.when_ready()
            say(f"Likeness is ready: {self.address.url}\nTo stop it, press Ctrl-C.")
        elif status:
            time.sleep(1.0)  # the server's own log says why it answers with an error

    def _look(self) -> None:
        """Ask the web server how all are."""
        self.looked_at = time.monotonic()
        status, report = ask(self.address, "/health/ready/", self.header)
        if not status:  # the database may be what is slow
            status, _ = ask(self.address, "/health/live/", self.header, seconds=5.0)
        if status:
            self.heard_at = time.monotonic()
        self._revive_if_silent()
        self._revive_if_stuck(report)

    def _revive_if_silent(self) -> None:
        web = [child for child in self.children if child.name == "web server" and child.is_running]
        for child in web:
            if min(child.age, time.monotonic() - self.heard_at) > self.silent_seconds:
                say(f"The web server has answered nothing for {self.silent_seconds:g} s. Starting it again.")
                child.plan_restart()

    def _revive_if_stuck(self, report: dict[str, object]) -> None:
        limit = MISSED_BEATS * self.heartbeat_seconds
        pair = [child for child in self.children if child.name in {"worker", "beat"}]
        had_time = all(child.is_running and child.age > limit + STARTING_SECONDS for child in pair)
        if had_time and is_stuck(report, limit):
            say(f"The worker has taken no work for {limit:g} s. Starting it again.")
            for child in pair:
                child.plan_restart()


def is_stuck(report: dict[str, object], limit: float) -> bool:
    """Whether a health report shows a worker that is silent for *limit* seconds though broker and database are well."""
    if report.get("database") != "ok" or report.get("broker") != "ok":
        return False
    seconds = report.get("seconds_since_heartbeat")
    return not isinstance(seconds, int | float) or seconds > limit
