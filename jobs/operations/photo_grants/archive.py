"""The photos of an order as one zip, for providers that take nothing else: made while it is fetched, and kept nowhere.

Only where nobody can reach this server it is put into the bucket, until the job has ended.

Photos are stored, not compressed, and everything between them follows from their names, sizes and checksums. So the
whole length is known beforehand, the same photos always give the same bytes, and a part costs what it is long.
"""

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack
from typing import IO

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.models.job import FINAL_STATES
from jobs.operations.photo_grants import grants, reachability
from jobs.operations.providers import provider
from jobs.providers.base import Capability
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Order

NAME = "photos.zip"
TOO_LARGE = "These photos are more than fit into one archive (4 GB). Train on fewer of them."
GONE = "The photos of this order are no longer here."
MOST_BYTES = 2**32 - 1
MOST_MEMBERS = 2**16 - 1
_CHUNK = 1 << 20
_VERSION, _UNIX = 20, 3 << 8
_NAMES_IN_UTF8 = 1 << 11
_FIRST_DAY = 1 << 5 | 1
"""1 January 1980: the day of every member, so that the same photos are the same archive."""
_READABLE_FILE = 0o100644 << 16


class TooLarge(Exception):
    """More photos, or larger ones, than an archive that everybody can read takes."""


@dataclass(frozen=True)
class Member:
    """One photo: its name in the archive, where it is stored, its bytes and their CRC-32."""

    name: str
    stored: str
    size: int
    crc: int


class PhotoArchive:
    """The zip of *members*, as a file that is open for reading. Raises `TooLarge`."""

    def __init__(self, members: Sequence[Member]) -> None:
        if len(members) > MOST_MEMBERS or sum(member.size for member in members) > MOST_BYTES:
            raise TooLarge
        self._pieces = _pieces(members)
        sizes = [piece.size if isinstance(piece, Member) else len(piece) for piece in self._pieces]
        self._starts = [0, *accumulate(sizes)]
        self.size = self._starts.pop()
        if self.size > MOST_BYTES:
            raise TooLarge
        known = (piece.stored.encode() if isinstance(piece, Member) else piece for piece in self._pieces)
        self.sha256 = hashlib.sha256(b"".join(known)).hexdigest()
        self._at = 0
        self._open: tuple[str, IO[bytes]] | None = None

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def read(self, most: int = _CHUNK) -> bytes:
        """The next bytes, at most so many, and none at the end. Raises `FileNotFoundError` when a photo is gone."""
        if self._at >= self.size:
            return b""
        place = bisect_right(self._starts, self._at) - 1
        piece, offset = self._pieces[place], self._at - self._starts[place]
        chunk = self._photo(piece, offset, most) if isinstance(piece, Member) else piece[offset : offset + most]
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _photo(self, member: Member, offset: int, most: int) -> bytes:
        if self._open is None or self._open[0] != member.stored:
            self.close()
            self._open = (member.stored, storage.open(member.stored))
        file = self._open[1]
        file.seek(offset)
        return file.read(min(most, member.size - offset))


def measure(stored: str) -> tuple[int, int]:
    """Size and CRC-32 of a stored file. Raises `FileNotFoundError`."""
    size = crc = 0
    with storage.open(stored) as file:
        while chunk := file.read(_CHUNK):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return size, crc


def _pieces(members: Sequence[Member]) -> list[bytes | Member]:
    """What stands in the file, one after the other: a header and a photo each, then the directory."""
    pieces: list[bytes | Member] = []
    directory, at = b"", 0
    for member in members:
        name = member.name.encode()
        header = pack("<4sH", b"PK\3\4", _VERSION) + _facts(member) + pack("<H", 0) + name
        directory += pack("<4sHH", b"PK\1\2", _UNIX | _VERSION, _VERSION) + _facts(member)
        directory += pack("<HHHHII", 0, 0, 0, 0, _READABLE_FILE, min(at, MOST_BYTES)) + name
        pieces += [header, member]
        at += len(header) + member.size
    count, length = len(members), len(directory)
    return [*pieces, directory + pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, length, min(at, MOST_BYTES), 0)]


def _facts(member: Member) -> bytes:
    """The part that header and directory share."""
    flags = 0 if member.name.isascii() else _NAMES_IN_UTF8
    sizes = (member.crc, member.size, member.size, len(member.name.encode()))
    return pack("<HHHHIIIH", flags, 0, 0, _FIRST_DAY, *sizes)


def grant(job: Job, order: Order, token: str) -> str:
    """The address at which the attempt with this callback *token* fetches the photos of *order*.

    Raises `InvalidOrder` when they are gone, or too large.
    """
    made = archive(job, order)
    return grants.address(token, NAME) if reachability.is_reachable() else grants.signed(_in_bucket(job, made))


def fetched(token: str) -> PhotoArchive | None:
    """The archive that may be fetched by *token*, without photos that were deleted since; None when that no longer
    counts."""
    job = grants.job_of(token)
    if job is None or not provider(job.provider).can(Capability.NEEDS_PHOTO_ARCHIVE):
        return None
    order = job.as_order(photos=grants.named(job.job_photos.here()))
    try:
        return archive(job, order) if order.photos else None
    except InvalidOrder:
        return None


def archive(job: Job, order: Order) -> PhotoArchive:
    """The photos of *order*, which are those of *job* that are here, under the names that its provider wants.

    Raises `InvalidOrder`.
    """
    rows = job.job_photos.here()
    names = provider(job.provider).archive_names(order)
    try:
        return PhotoArchive([_member(row.photo, row.sent_file, name) for row, name in zip(rows, names, strict=True)])
    except TooLarge:
        raise InvalidOrder(TOO_LARGE) from None
    except FileNotFoundError:
        raise InvalidOrder(GONE) from None


def _member(photo: Photo, stored: str, name: str) -> Member:
    """What is *stored* of *photo*, with its checksum, which is worked out once for as long as that is the same file."""
    known = photo.zip_entry or {}
    if known.get("stored") != stored:
        size, crc = measure(stored)
        known = {"stored": stored, "size": size, "crc": crc}
        Photo.objects.filter(pk=photo.pk, prepared=photo.prepared).update(zip_entry=known)
    return Member(name, **known)


def _in_bucket(job: Job, made: PhotoArchive) -> str:
    """The name under which the archive lies in the bucket now, for as long as *job* needs it."""
    with storage.receive(job.workspace_id, "archives", ".zip", made.size, resume_key=f"job-{job.pk}") as sink:
        sink.restart()
        while chunk := made.read():
            sink.write(chunk)
        made.close()
        # Noted, so that what is stored and then forgotten by a process that dies is cleared away (`sweep.clear_up`).
        stored = sink.commit(noted=True)
    before = job.photo_archive
    Job.objects.filter(pk=job.pk).update(photo_archive=stored.name)
    if before and before != stored.name:
        _delete_unused(before)
    return stored.name


def revoke_ended() -> None:
    """Delete the archives in the bucket whose jobs have ended."""
    ended = Job.objects.exclude(photo_archive="").filter(state__in=FINAL_STATES)
    for pk, name in ended.values_list("pk", "photo_archive"):
        Job.objects.filter(pk=pk, photo_archive=name).update(photo_archive="")
        _delete_unused(name)


def _delete_unused(name: str) -> None:
    if not Job.objects.filter(photo_archive=name).exists():
        storage.delete(name)
