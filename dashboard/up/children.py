"""The command lines of the product's processes. docker-compose.yml runs the same ones, and a test compares them."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from dashboard.up import broker
from dashboard.up.address import Address
from dashboard.up.child import Child
from dashboard.up.preparation import BASE

QUEUES = "submit,poll,results,photos"


def web_command(address: Address) -> list[str]:
    """One process. A slow upload keeps a thread for as long as it lasts, so there are more of them than a quick page
    needs; each may hold a connection to the database."""
    options = ["--interface", "wsgi", "--host", address.host, "--port", str(address.port), "--workers", "1"]
    options += ["--blocking-threads", "32", "--no-ws", "--workers-kill-timeout", "4"]
    options += ["--log-level", "error", "--log-config", str(Path(__file__).with_name("granian-logs.json"))]
    return [sys.executable, "-m", "granian", *options, "dashboard.wsgi:application"]


def worker_command(queues: str = QUEUES) -> list[str]:
    """Threads, because the work is waiting for providers; pictures are decoded in processes of their own."""
    options = ["--pool", "threads", "--concurrency", "16", "--queues", queues]
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
        everything.insert(0, Child("broker", broker.command(data, listen), env, keep_open=keep))
    return everything


def prepare_command() -> list[str]:
    return [sys.executable, str(BASE / "manage.py"), "prepare"]
