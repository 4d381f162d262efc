"""Notice that the database was restored from a backup: a paid order that waited in it may have been sent since (B14).

Two things outside it tell. Something remembers the newest attempt to send a paid order, which the backup does not know;
and the database finds itself elsewhere than it was. With SQLite both stand in a file of the data folder, which says,
too, when it was last written: a copy was changed later. With PostgreSQL Redis remembers the attempt, and the cluster
says which one it is. Whatever neither can tell, `manage.py restored` is told by a person.

A false alarm asks about orders that nobody sent, and loses none. A folder that was moved gives one, a restart never.
"""

import fcntl
import logging
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import Heartbeat, Installation
from dashboard.worker import broker
from jobs.models import Attempt, Job, JobState
from jobs.operations.providers import all_providers

logger = logging.getLogger(__name__)

UNSURE = (JobState.READY, JobState.SUBMITTING, JobState.UNCERTAIN)
"""States of which a later attempt may have been made. A job that its provider had by then is found again there."""
SLACK = 10.0
"""Seconds between a moment that the file names and that of the system's own note of its last change."""
_KEY = "likeness:last-sent"
_HERE = (
    "SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), oid)"
    " FROM pg_control_system(), pg_database WHERE datname = current_database()"
)
"""Another cluster, an earlier moment of the same one, and a database that was made anew all say something else."""


def look() -> None:
    """Mark the orders of a database that was restored. Called before each order, and by the sweep."""
    home = Installation.objects.values_list("home", flat=True).first()
    if home is None or _is_as_it_was(home):  # before the first owner came nothing was ordered
        return
    with transaction.atomic():
        home = Installation.objects.select_for_update(no_key=True).values_list("home", flat=True).get()
        if _is_as_it_was(home):
            return
        if home or _is_behind():
            mark()
        else:
            _settle()


def note(attempt: Attempt) -> None:
    """Let the witness know that *attempt*, which is committed, is about to be sent."""
    if connection.vendor != "sqlite":
        _tell_redis(attempt.pk, gt=True)
        return
    with suppress(FileNotFoundError), _file().open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        home, newest = _read(file.fileno())
        if home and attempt.pk > newest:
            _write(file.fileno(), home, attempt.pk)


def mark() -> int:
    """Take the database for a restored one: each paid order that waits in it may have been sent since the backup, and
    is looked for at its provider before it goes out. Returns how many there are."""
    free = [service.slug for service in all_providers() if service.costs_nothing]
    with transaction.atomic():
        made = Heartbeat.objects.filter(worker=Heartbeat.SWEEP).values_list("at", flat=True).first()
        unsure = Job.objects.filter(state__in=UNSURE, dry_run=False).exclude(provider__in=free).order_by("pk")
        jobs = Job.objects.filter(pk__in=list(unsure.select_for_update(no_key=True).values_list("pk", flat=True)))
        count = jobs.update(restored_from=made or timezone.now(), needs_decision=False)
        jobs.exclude(state=JobState.SUBMITTING).update(next_action_at=Now())
        jobs.filter(state=JobState.UNCERTAIN).update(uncertain_since=Now())
        _settle()
    logger.warning("This database was restored from a backup: %d orders may have been sent since it was made.", count)
    return count


def _is_as_it_was(home: str) -> bool:
    return home != "" and _here() == home and not _is_behind()


def _settle() -> None:
    """From now on the database lives here, and its newest attempt is the newest."""
    Installation.objects.update(home=_start_file() if connection.vendor == "sqlite" else _here())
    if connection.vendor != "sqlite":
        _tell_redis(_newest())


def _newest() -> int:
    return Attempt.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _is_behind() -> bool:
    """Whether the witness knows an attempt that the database does not."""
    if connection.vendor == "sqlite":
        return _read_file()[1] > _newest()
    sent = None
    with suppress(redis.RedisError):
        sent = broker.client().zscore(_KEY, "attempt") if settings.REDIS_URL else None
    if sent is None:  # it was emptied, or is away
        _tell_redis(_newest(), gt=True)
    return sent is not None and sent > _newest()


def _here() -> str:
    """Where the database lives; with SQLite empty where the file is not there, or not as we left it."""
    if connection.vendor == "sqlite":
        return _read_file()[0]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_HERE)
            return str(cursor.fetchone()[0])
    except DatabaseError:  # some services let nobody ask
        return connection.vendor


def _tell_redis(attempt: int, **how: Any) -> None:
    if settings.REDIS_URL:
        with suppress(redis.RedisError):
            broker.client().zadd(_KEY, {"attempt": attempt}, **how)


def _file() -> Path:
    return Path(settings.DATA_DIR, "last_sent")


def _start_file() -> str:
    """Begin the file anew and return the name that it gives the database's home."""
    home = secrets.token_hex(8)
    _file().unlink(missing_ok=True)
    file = os.open(_file(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        _write(file, home, _newest())
    finally:
        os.close(file)
    return home


def _write(file: int, home: str, attempt: int) -> None:
    """All in one write of always the same length: nobody reads half of it."""
    os.pwrite(file, f"{home} {attempt:019} {time.time():020.6f}\n".encode(), 0)
    os.fsync(file)


def _read_file() -> tuple[str, int]:
    try:
        with _file().open("rb") as file:
            return _read(file.fileno())
    except OSError:
        return "", 0


def _read(file: int) -> tuple[str, int]:
    """The home and the newest attempt that *file* names; the home is empty where somebody else wrote the file."""
    try:
        home, attempt, written = os.pread(file, 100, 0).decode().split()
        is_copy = os.fstat(file).st_ctime - float(written) > SLACK
        return "" if is_copy else home, int(attempt)
    except ValueError:
        return "", 0
