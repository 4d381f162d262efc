"""The condition of the installation, in words for whoever looks after it. Nothing in here waits for long."""

import platform
import shutil
import socket
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone

from dashboard import VERSION
from dashboard.models import Heartbeat
from dashboard.monitoring import sources
from dashboard.monitoring.sources import Backlog, Finding
from dashboard.worker import broker

LATE_AFTER_BEATS = 3
LEAST_FREE = 2 * 1024**3
"""Bytes on the disk below which somebody should act: a checkpoint takes that much."""


@dataclass(frozen=True)
class Condition:
    """All findings, in the groups of the page."""

    processes: list[Finding]
    queues: list[Finding]
    backlog: list[Finding]
    outside: list[Finding]
    storage: list[Finding]
    versions: list[Finding]

    @property
    def troubles(self) -> list[Finding]:
        """What somebody should look at, the worst first."""
        found = [*self.processes, *self.queues, *self.backlog, *self.outside, *self.storage]
        return sorted((each for each in found if each.tone in ("bad", "warn")), key=lambda each: each.tone)


def examine() -> Condition:
    """Look at everything once; with the broker away that takes under a second."""
    waiting = broker.waiting()
    return Condition(
        processes(is_broker_there=waiting is not None),
        queues(waiting),
        backlog(),
        [finding for source in sources.outside for finding in source()],
        storage(),
        versions(),
    )


def processes(*, is_broker_there: bool) -> list[Finding]:
    """Web server, broker, and whoever has shown a sign of life within a day."""
    beats = list(Heartbeat.objects.order_by("-at"))
    found = [Finding("Web server", f"answers, on {socket.gethostname()}", "good")]
    found.append(
        Finding("Broker", "answers", "good")
        if is_broker_there
        else Finding("Broker", "is away. Orders wait in the database and go out when it is back", "bad")
    )
    workers = [beat for beat in beats if beat.worker != Heartbeat.BEAT]
    found += [_process(f"Worker {beat.worker}", beat.at, is_newest=beat == workers[0]) for beat in workers]
    if not workers:
        found.append(Finding("Worker", "has never been seen", "bad"))
    clock = next((beat for beat in beats if beat.worker == Heartbeat.BEAT), None)
    found.append(_process("Beat", clock.at, is_newest=True) if clock else Finding("Beat", "not seen yet"))
    return found


def _process(name: str, at: datetime, *, is_newest: bool) -> Finding:
    state = worker_state(max(0, int((timezone.now() - at).total_seconds())))
    if state == "ok":
        return Finding(name, "seen", "good", at)
    # Heartbeats go to any one worker: that one of several was not met for a while says little.
    return Finding(name, "last seen", "bad" if is_newest else "neutral", at)


def queues(waiting: dict[str, int] | None) -> list[Finding]:
    """How many messages wait in each queue of Celery."""
    if waiting is None:
        return [Finding(_called(name), "unknown while the broker is away") for name in broker.QUEUES]
    return [Finding(_called(name), _messages(count)) for name, count in waiting.items()]


def _called(queue: str) -> str:
    return QUEUES_IN_WORDS.get(queue, queue)


QUEUES_IN_WORDS = {
    "submit": "Orders to send",
    "poll": "Questions to providers",
    "results": "Results to fetch",
    "photos": "Photos to take in",
}


def _messages(count: int) -> str:
    return {0: "nothing waits", 1: "1 message waits"}.get(count, f"{count} messages wait")


def backlog() -> list[Finding]:
    """What is due by the database, which is what counts: messages only hurry it along."""
    steps = [step for source in sources.backlogs for step in source()]
    return [Finding(each.step, _due(each), "warn" if each.overdue else "neutral") for each in steps]


def _due(each: Backlog) -> str:
    if not each.due:
        return "nothing"
    late = f", {each.overdue} for more than a minute" if each.overdue else ""
    return f"{each.due} due{late}"


def storage() -> list[Finding]:
    """Where files lie and how much room is left there."""
    folder = settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR
    free = shutil.disk_usage(folder).free
    disk = Finding("Free on this disk", "", "good" if free >= LEAST_FREE else "bad", size=free)
    if not settings.S3_BUCKET:
        return [Finding("Photos and pictures", "on this disk"), disk]
    host = urlsplit(settings.STORAGES["default"]["OPTIONS"]["endpoint_url"] or "").hostname or "Amazon S3"
    return [Finding("Photos and pictures", f"in the bucket {settings.S3_BUCKET} at {host}"), disk]


def versions() -> list[Finding]:
    """What runs here."""
    return [
        Finding("Likeness", VERSION),
        Finding("Database", database_version()),
        Finding("Broker", broker.version() or "unknown while it is away"),
        Finding("Django", django.get_version()),
        Finding("Python", platform.python_version()),
    ]


def database_version() -> str:
    """The kind of database and its version."""
    return f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}"


def seconds_since_heartbeat() -> int | None:
    """How long ago a worker last ran a task; None when none ever did."""
    newest = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    return None if newest is None else max(0, int((timezone.now() - newest).total_seconds()))


def worker_state(seconds: int | None) -> str:
    """`ok`, `late` after missed heartbeats, `never seen` before the first one."""
    if seconds is None:
        return "never seen"
    return "ok" if seconds <= LATE_AFTER_BEATS * settings.HEARTBEAT_SECONDS + 1 else "late"
