"""The one way to store files: on disk or in an S3 bucket, under a name made from what is in them.

A name is `folder/workspace id/first two digits/SHA-256 + suffix`, so storing the same content twice stores it once,
and nothing a person typed is ever part of a path. A file appears under its name only when all of it is safely there.
Two rows may carry the same name: delete a file only when no row does.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

FOLDERS = frozenset({"originals", "prepared", "thumbnails", "images", "checkpoints", "captions"})
_CHUNK = 1 << 20


class StorageError(Exception):
    """A file could not be stored. The message is for people."""


class TooLarge(StorageError):
    """More was sent than the limit."""


class Full(StorageError):
    """There is no room left."""


class Busy(StorageError):
    """Somebody else is receiving the same file."""


@dataclass(frozen=True)
class Stored:
    """A stored file: its name for the row, the SHA-256 of its content in hexadecimal, its size in bytes."""

    name: str
    sha256: str
    size: int


class Sink:
    """Takes a file in chunks. `offset` is how many bytes are already here, for asking a sender to go on from there."""

    def __init__(self, part: BinaryIO, stem: str, folder: str, suffix: str, limit_bytes: int) -> None:
        self._part, self._stem, self._folder, self._suffix = part, stem, folder, suffix
        self._limit_bytes = limit_bytes
        self._digest = hashlib.sha256()
        self.offset = 0
        while chunk := part.read(_CHUNK):
            self._count(chunk)

    def write(self, chunk: bytes) -> None:
        """Append *chunk*. Raises TooLarge beyond the limit, Full when there is no room."""
        if self.offset + len(chunk) > self._limit_bytes:
            Path(self._part.name).unlink(missing_ok=True)
            raise TooLarge("The file is too large.")
        with _room_needed():
            self._part.write(chunk)
        self._count(chunk)

    def restart(self) -> None:
        """Drop what has arrived, for a sender who can only begin again."""
        self._part.seek(0)
        self._part.truncate()
        self._digest, self.offset = hashlib.sha256(), 0

    def _count(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.offset += len(chunk)

    def commit(self) -> Stored:
        """Make what was written a stored file. Nothing can be written afterwards."""
        sha256 = self._digest.hexdigest()
        stored = Stored(_name(self._folder, self._stem, sha256, self._suffix), sha256, self.offset)
        with _room_needed():
            self._part.flush()
            if not exists(stored.name):
                _keep(Path(self._part.name), self._part, stored.name)
        Path(self._part.name).unlink(missing_ok=True)
        return stored


def put(workspace_id: int, folder: str, content: bytes, suffix: str) -> Stored:
    """Store *content*. Storing it again changes nothing. Raises Full when there is no room."""
    with receive(workspace_id, folder, suffix, len(content)) as sink:
        sink.write(content)
        return sink.commit()


@contextmanager
def receive(workspace_id: int, folder: str, suffix: str, limit_bytes: int, resume_key: str = "") -> Iterator[Sink]:
    """A sink for a file of at most *limit_bytes*; leave without `commit` and nothing is stored.

    With a *resume_key*, what has arrived is kept when the sender breaks off, and the next sink with the same key goes
    on at its `offset`. Raises Busy while another sink with the same key is open.
    """
    if folder not in FOLDERS:
        raise ValueError(f"{folder} is no folder of ours.")
    part = _part(f"{folder}/{workspace_id}/{resume_key}" if resume_key else "")
    try:
        yield Sink(part, str(workspace_id), folder, suffix, limit_bytes)
    finally:
        if not resume_key:
            Path(part.name).unlink(missing_ok=True)
        with suppress(OSError):
            part.close()


def read(name: str) -> bytes:
    """The content of a stored file. Raises FileNotFoundError."""
    with open(name) as file:
        content: bytes = file.read()
        return content


def open(name: str) -> "File[bytes]":  # noqa: A001 - read at the call as `storage.open`
    """A stored file, open for reading. Raises FileNotFoundError."""
    return cast("File[bytes]", storages["default"].open(name, "rb"))


def exists(name: str) -> bool:
    """Whether there is a file called *name*."""
    return storages["default"].exists(name)


def delete(name: str) -> None:
    """Remove a file; one that is not there is fine."""
    storages["default"].delete(name)


def disk_path(name: str) -> Path | None:
    """Where the file is on this machine's disk, or None when files are kept in a bucket."""
    disk = storages["default"]
    return Path(disk.path(name)) if isinstance(disk, FileSystemStorage) else None


def drop_stale_parts(older_than_seconds: float) -> int:
    """Remove what broken-off senders left untouched for so long, and say how many files that were."""
    deadline = time.time() - older_than_seconds
    stale = [part for part in _incoming().glob("*.part") if part.stat().st_mtime < deadline]
    for part in stale:
        part.unlink(missing_ok=True)
    return len(stale)


def _name(folder: str, workspace_id: str, sha256: str, suffix: str) -> str:
    return f"{folder}/{workspace_id}/{sha256[:2]}/{sha256}{suffix}"


def _incoming() -> Path:
    """Where files grow: on the disk they will be renamed on, so that renaming is atomic."""
    disk = storages["default"]
    root = Path(disk.location) if isinstance(disk, FileSystemStorage) else settings.DATA_DIR
    incoming = root / ".incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    return incoming


def _part(resume_key: str) -> BinaryIO:
    name = hashlib.sha256(resume_key.encode()).hexdigest() if resume_key else secrets.token_hex(16)
    path = _incoming() / f"{name}.part"
    with _room_needed():
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
    return _part(resume_key)


def _keep(path: Path, part: BinaryIO, name: str) -> None:
    target = disk_path(name)
    if target is None:
        part.seek(0)
        storages["default"].save(name, File(part))
        return
    os.fsync(part.fileno())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.replace(target)
    _settle(target.parent)


def _settle(directory: Path) -> None:
    """Write the directory's entries to the disk, so that a power cut does not undo the rename."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _room_needed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full("There is no room left to store files.") from error
        raise
