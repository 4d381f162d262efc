"""The condition of the installation, in words for whoever looks after it. Nothing in here waits for long."""

import platform
import shutil
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from dashboard import VERSION, vault
from dashboard.master_keys import missing_in_words
from dashboard.models import Heartbeat
from dashboard.monitoring import sources
from dashboard.monitoring.sources import Backlog, Finding
from dashboard.worker import broker

LATE_AFTER_BEATS = 3
SWEEP_LATE = 60
"""Seconds without a sweep after which somebody should look: one comes every two."""
CLOCKS_APART = 2.0
"""Seconds that clocks of two machines may differ; with one time server they differ by milliseconds."""
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


@dataclass(frozen=True)
class Signs:
    """The signs of life in the database, the newest first, and our clock, all against the database's clock."""

    beats: Sequence[Heartbeat]
    now: datetime
    ahead: float
    """Seconds by which this web server's clock is ahead."""

    @property
    def workers(self) -> list[Heartbeat]:
        return [beat for beat in self.beats if beat.worker not in {Heartbeat.BEAT, Heartbeat.SWEEP, Heartbeat.SET_BACK}]

    def of(self, name: str) -> Heartbeat | None:
        return next((beat for beat in self.beats if beat.worker == name), None)

    def state(self, beat: Heartbeat | None) -> str:
        """`ok`, `late` when it is missing for too long, `never seen` before the first one."""
        seconds = self.seconds_since(beat)
        if beat is None or seconds is None:
            return "never seen"
        late = SWEEP_LATE if beat.worker == Heartbeat.SWEEP else LATE_AFTER_BEATS * settings.HEARTBEAT_SECONDS + 1
        return "ok" if seconds <= late else "late"

    def seconds_since(self, beat: Heartbeat | None) -> int | None:
        """How long ago that was; None when it never was."""
        return None if beat is None else max(0, int((self.now - beat.at).total_seconds()))

    @property
    def newest_worker(self) -> Heartbeat | None:
        return next(iter(self.workers), None)

    @property
    def clocks_off(self) -> list[tuple[str, float]]:
        """Whose clock differs by more than a little from the database's, and by how many seconds it is ahead."""
        clocks = [("this web server", self.ahead)]
        clocks += [(f"worker {beat.worker}", beat.clock_ahead) for beat in self.workers if self.state(beat) == "ok"]
        return [(name, ahead) for name, ahead in clocks if abs(ahead) > CLOCKS_APART]


def signs_of_life() -> Signs:
    """All that has shown a sign of life within a day, by one question."""
    before = time.time()
    beats = list(Heartbeat.objects.annotate(now=Now()).order_by("-at"))
    after = time.time()
    now: datetime = beats[0].now if beats else datetime.fromtimestamp(before, UTC)
    return Signs(beats, now, Heartbeat.ahead(before, now, after))


def processes(*, is_broker_there: bool) -> list[Finding]:
    """Web server, broker, whoever has shown a sign of life within a day, and clocks that are off."""
    signs = signs_of_life()
    found = [Finding("Web server", f"answers, on {socket.gethostname()}", "good")]
    found.append(
        Finding("Broker", "answers", "good")
        if is_broker_there
        else Finding("Broker", "is away. Orders wait in the database and go out when it is back", "bad")
    )
    # Heartbeats go to any one worker: that one of several was not met for a while says little.
    found += [
        _seen(f"Worker {beat.worker}", beat, signs, late="bad" if beat == signs.newest_worker else "neutral")
        for beat in signs.workers
    ]
    if not signs.workers:
        found.append(Finding("Worker", "has never been seen", "bad"))
    for name, known_as in (("Beat", Heartbeat.BEAT), ("Sweep", Heartbeat.SWEEP)):
        seen = signs.of(known_as)
        found.append(_seen(name, seen, signs, late="bad") if seen else Finding(name, "not seen yet"))
    if (jump := signs.of(Heartbeat.SET_BACK)) is not None:
        said = f"was set back by {minutes_in_words(jump.clock_ahead)}. What was planned before went on then"
        found.append(Finding("Clock", said, "warn", jump.at))
    return found + [Finding(f"Clock of {name}", clock_in_words(ahead), "bad") for name, ahead in signs.clocks_off]


def _seen(name: str, beat: Heartbeat, signs: Signs, *, late: str) -> Finding:
    is_fine = signs.state(beat) == "ok"
    return Finding(name, "seen" if is_fine else "last seen", "good" if is_fine else late, beat.at)


def clock_in_words(ahead: float) -> str:
    """By how much a clock is off, and what to do."""
    way = "ahead of" if ahead > 0 else "behind"
    return (
        f"is {abs(ahead):.0f} s {way} the database's. Let both machines set their clocks by the network, for example "
        "with timedatectl set-ntp true"
    )


def minutes_in_words(seconds: float) -> str:
    """So many hours and minutes, of a minute at least."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))


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
    missing = vault.missing_master_keys()
    said = missing_in_words(missing) if missing else "open every stored API key"
    keys = Finding("Master keys", said, "bad" if missing else "good")
    if not settings.S3_BUCKET:
        return [Finding("Photos and pictures", "on this disk"), disk, keys]
    host = urlsplit(settings.STORAGES["default"]["OPTIONS"]["endpoint_url"] or "").hostname or "Amazon S3"
    return [Finding("Photos and pictures", f"in the bucket {settings.S3_BUCKET} at {host}"), disk, keys]


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
