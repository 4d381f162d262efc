"""Files that grow: where they lie until they are whole, who is at work on them, and what is known of them meanwhile.

A part that somebody may go on with has a note beside it. The note is written before the step that it is about, so
that a process may die between any two lines: what it says was either done, or is harmless.
"""

import errno
import fcntl
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

logger = logging.getLogger(__name__)

RESERVE = 1.1
"""So many times its size must be free before a large file is begun: the database lies on the same disk."""
LEAST_FOR_ORDERS = 500 * 1000**2
"""Bytes that must be free for a new order: to write down what comes of it, and to keep its pictures."""


class StorageError(Exception):
    """A file could not be stored. The message is for people."""


class Full(StorageError):
    """There is no room left."""


class Busy(StorageError):
    """Somebody else is receiving the same file."""


@contextmanager
def room_needed() -> Iterator[None]:
    """Turn the system's word for a full disk into `Full`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full("There is no room left to store files.") from error
        raise


def make_sure_of_room(size: int) -> None:
    """Raises `Full` unless *size* more bytes and a reserve fit on the disk where files grow."""
    if shutil.disk_usage(incoming()).free < size * RESERVE:
        raise Full("There is no room left to store files.")


def too_full_for_orders() -> str:
    """Why no order goes out for now, in sentences; empty while there is room (B09). Without room, what a provider
    answered to a paid order could not even be written down."""
    if shutil.disk_usage(incoming()).free >= LEAST_FOR_ORDERS:
        return ""
    return (
        "The disk of this server is nearly full, and what an order makes could not be kept. Tell whoever looks after "
        "the server; once there is room, orders go out again."
    )


def incoming() -> Path:
    """Where files grow: on the disk they will be renamed on, so that renaming is atomic."""
    disk = storages["default"]
    root = Path(disk.location) if isinstance(disk, FileSystemStorage) else settings.DATA_DIR
    folder = root / ".incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def open_part(resume_key: str) -> BinaryIO:
    """The part for *resume_key*, a fresh one for an empty key, locked until it is closed. Raises `Busy` or `Full`."""
    return _open(place(resume_key) if resume_key else incoming() / f"{secrets.token_hex(16)}.part")


def place(resume_key: str) -> Path:
    """Where the part for *resume_key* grows."""
    return incoming() / f"{hashlib.sha256(resume_key.encode()).hexdigest()}.part"


def _open(path: Path) -> BinaryIO:
    with room_needed():
        path.touch(mode=0o600)
    part = path.open("r+b")
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        part.close()
        raise Busy("This file is already on its way.") from None
    # Whoever held the lock may have renamed or removed the file between our opening and locking it.
    with suppress(FileNotFoundError):
        if os.path.samestat(path.stat(), os.fstat(part.fileno())):
            return part
    part.close()
    return _open(path)


def read_note(part: Path) -> dict[str, Any]:
    """What is known of *part*; empty when nothing is, or nothing that can be read."""
    with suppress(FileNotFoundError, ValueError):
        note: dict[str, Any] = json.loads(_note(part).read_text())
        return note
    return {}


def write_note(part: Path, known: dict[str, Any]) -> None:
    """Replace what is known of *part*, wholly or not at all."""
    growing = part.with_suffix(".writing")
    with room_needed():
        growing.write_text(json.dumps(known))
    growing.replace(_note(part))


def _note(part: Path) -> Path:
    return part.with_suffix(".note")


def drop_note(part: Path) -> None:
    """Forget what was known of *part*."""
    _note(part).unlink(missing_ok=True)


def drop_stale(older_than_seconds: float) -> int:
    """Remove what broken-off senders left untouched for so long, and say how many files that were.

    The note of a file that is whole stays: see `storage.finished`.
    """
    deadline = time.time() - older_than_seconds
    stale = list(_untouched_since(deadline, "*.part"))
    for part in stale:
        part.unlink(missing_ok=True)
        if not read_note(part).get("stored"):
            drop_note(part)
    for half_written in _untouched_since(deadline, "*.writing"):
        half_written.unlink(missing_ok=True)
    return len(stale)


def call_off_in_bucket(folders: Iterable[str], older_than_seconds: float) -> int:
    """Call off what was begun in these *folders* of the bucket so long ago, and say how many files that were.

    Large files go into a bucket in pieces, which nobody sees and somebody pays for until they are put together or
    called off; whoever dies in between does neither. Nothing happens without a bucket. One that does not tell what was
    begun, as some do not, is left alone.
    """
    bucket = getattr(storages["default"], "bucket", None)
    if bucket is None:
        return 0
    deadline = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
    try:
        begun = chain.from_iterable(bucket.multipart_uploads.filter(Prefix=f"{folder}/") for folder in folders)
        old = [upload for upload in begun if upload.initiated < deadline]
        for upload in old:
            upload.abort()
        return len(old)
    except (BotoCoreError, ClientError):
        logger.warning("The bucket does not let us call off what was begun and not finished.", exc_info=True)
        return 0


def _untouched_since(deadline: float, pattern: str) -> Iterator[Path]:
    """The files called so; one that goes while we look is passed over."""
    for path in incoming().glob(pattern):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < deadline:
                yield path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep everybody else away from the part at *path*. Raises `Busy` when somebody is at it."""
    part = _open(path)
    try:
        yield
    finally:
        if not path.stat().st_size:
            path.unlink(missing_ok=True)
        part.close()


def noted() -> list[Path]:
    """Every part, there or not any more, that has a note."""
    return [note.with_suffix(".part") for note in incoming().glob("*.note")]


def note_age(part: Path) -> float:
    """The seconds since the note of *part* was written; negative without one."""
    try:
        return time.time() - _note(part).stat().st_mtime
    except FileNotFoundError:
        return -1.0
