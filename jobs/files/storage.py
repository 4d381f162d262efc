"""The one way to store files: on disk or in an S3 bucket, under a name made from what is in them.

A name is `folder/workspace id/first two digits/SHA-256 + suffix`, so storing the same content twice stores it once,
and nothing a person typed is ever part of a path. A file appears under its name only when all of it is safely there.
Two rows may carry the same name: delete a file only when no row does.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from jobs.files import parts
from jobs.files.parts import Busy, Full, StorageError, make_sure_of_room, too_full_for_orders

__all__ = ["Busy", "Full", "StorageError", "make_sure_of_room", "too_full_for_orders"]  # beside what is defined here

FOLDERS = frozenset({"originals", "prepared", "thumbnails", "images", "checkpoints", "captions", "archives"})
_CHUNK = 1 << 20


class TooLarge(StorageError):
    """More was sent than the limit."""


@dataclass(frozen=True)
class Stored:
    """A stored file: its name for the row, the SHA-256 of its content in hexadecimal, its size in bytes."""

    name: str
    sha256: str
    size: int


class Sink:
    """Takes a file in chunks. `offset` is how many bytes are already here, for asking a sender to go on from there,
    and `validator` what proves that the sender still has the same file."""

    def __init__(self, part: BinaryIO, stem: str, folder: str, suffix: str, limit_bytes: int) -> None:
        self._part, self._stem, self._folder, self._suffix = part, stem, folder, suffix
        self._path, self._limit_bytes = Path(part.name), limit_bytes
        self._digest = hashlib.sha256()
        self.offset = 0
        while chunk := part.read(_CHUNK):
            self._count(chunk)

    @property
    def validator(self) -> str:
        return str(parts.read_note(self._path).get("validator", "")) if self.offset else ""

    @property
    def finished(self) -> Stored | None:
        """The whole file, when somebody stored it under the same resume key and died before saying so."""
        known = parts.read_note(self._path).get("stored")
        if not known or not exists(known["name"]):
            return None
        parts.write_note(self._path, {"stored": known})  # a fresh one: nobody clears it away under our hands
        return Stored(**known)

    def write(self, chunk: bytes) -> None:
        """Append *chunk*. Raises TooLarge beyond the limit, Full when there is no room."""
        if self.offset + len(chunk) > self._limit_bytes:
            self.discard()
            raise TooLarge("The file is too large.")
        with parts.room_needed():
            self._part.write(chunk)
        self._count(chunk)

    def restart(self, validator: str = "") -> None:
        """Drop what has arrived, for a sender who begins anew with the file that *validator* stands for."""
        self._part.seek(0)
        self._part.truncate()
        self._digest, self.offset = hashlib.sha256(), 0
        if validator:
            parts.write_note(self._path, {"validator": validator})
        else:
            parts.drop_note(self._path)

    def discard(self) -> None:
        """Drop what has arrived: nobody goes on with it. Nothing can be written afterwards."""
        self._path.unlink(missing_ok=True)
        parts.drop_note(self._path)

    def passes(self, look: Callable[[BinaryIO, int], bool]) -> bool:
        """Whether what has arrived, and its size, stand up to a *look*."""
        with parts.room_needed():
            self._part.seek(0)
        try:
            return look(self._part, self.offset)
        finally:
            self._part.seek(self.offset)

    def _count(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.offset += len(chunk)

    def commit(self, *, noted: bool = False) -> Stored:
        """Make what was written a stored file. Nothing can be written afterwards.

        With *noted*, the next sink with the same resume key finds it as `finished`, until `clear_up` looks after it.
        """
        sha256 = self._digest.hexdigest()
        name = f"{self._folder}/{self._stem}/{sha256[:2]}/{sha256}{self._suffix}"
        stored = Stored(name, sha256, self.offset)
        with parts.room_needed():
            self._part.flush()
            if noted:
                parts.write_note(self._path, {"stored": asdict(stored)})
            if not _stored_anew(stored.name):
                _keep(self._path, self._part, stored.name)
        self._path.unlink(missing_ok=True)
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
    part = parts.open_part(f"{folder}/{workspace_id}/{resume_key}" if resume_key else "")
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


def discard(name: str, quiet_seconds: float) -> bool:
    """Remove a file that no row has; False when it was stored, or stored again, less than *quiet_seconds* ago.

    Somebody may store the same content at this moment and count on the file being there. On a disk it is set aside
    first: whoever comes later stores it anew, and whoever came before has made its time young, so it goes back.
    """
    if not exists(name):
        return True
    if time.time() - storages["default"].get_modified_time(name).timestamp() < quiet_seconds:
        return False
    path = disk_path(name)
    if path is None:
        delete(name)
        return True
    aside = parts.incoming() / f"{secrets.token_hex(16)}.part"
    path.rename(aside)
    if time.time() - aside.stat().st_mtime < quiet_seconds:
        aside.rename(path)
        return False
    aside.unlink()
    return True


def disk_path(name: str) -> Path | None:
    """Where the file is on this machine's disk, or None when files are kept in a bucket."""
    disk = storages["default"]
    return Path(disk.path(name)) if isinstance(disk, FileSystemStorage) else None


def source(name: str) -> Path | bytes:
    """The file as whoever decodes it takes it: where it is on this machine's disk, or its bytes out of a bucket."""
    path = disk_path(name)
    return read(name) if path is None else path


def drop_stale_parts(older_than_seconds: float) -> int:
    """Remove what broken-off senders left untouched for so long, here and in the bucket, and say how many files that
    were."""
    return parts.drop_stale(older_than_seconds) + parts.call_off_in_bucket(FOLDERS, older_than_seconds)


def clear_up(older_than_seconds: float, is_known: Callable[[str], bool]) -> int:
    """Delete files that were stored so long ago and that no row speaks of (*is_known*), because whoever stored them
    died before writing it down. Returns how many that were."""
    deleted = 0
    for path in parts.noted():
        # Whoever goes on with it has written a fresh note, under the same lock.
        with suppress(Busy), parts.held(path):
            stored = parts.read_note(path).get("stored")
            if not stored or parts.note_age(path) < older_than_seconds:
                continue
            parts.drop_note(path)
            if not is_known(stored["name"]):
                delete(stored["name"])
                deleted += 1
    return deleted


def _stored_anew(name: str) -> bool:
    """Whether the file is there, now as young as if it had just been stored. In a bucket it has to be sent again."""
    path = disk_path(name)
    if path is None:
        return False
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _keep(path: Path, part: BinaryIO, name: str) -> None:
    target = disk_path(name)
    if target is None:
        part.seek(0)
        storages["default"].save(name, File(part))
        return
    os.fsync(part.fileno())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.replace(target)
    # The directory's entries too are written to the disk, so that a power cut does not undo the rename.
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
