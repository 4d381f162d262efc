"""Photos as one zip that is never written anywhere: any part of it can be read, in any order.

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
        header = _header(member)
        directory += _entry(member, min(at, MOST_BYTES))
        pieces += [header, member]
        at += len(header) + member.size
    count, length = len(members), len(directory)
    return [*pieces, directory + pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, length, min(at, MOST_BYTES), 0)]


def _header(member: Member) -> bytes:
    return pack("<4sH", b"PK\3\4", _VERSION) + _facts(member) + pack("<H", 0) + member.name.encode()


def _entry(member: Member, at: int) -> bytes:
    """What the directory says of *member*, which begins at byte *at*."""
    told = pack("<4sHH", b"PK\1\2", _UNIX | _VERSION, _VERSION) + _facts(member)
    return told + pack("<HHHHII", 0, 0, 0, 0, _READABLE_FILE, at) + member.name.encode()


def _facts(member: Member) -> bytes:
    """The part that header and directory share."""
    flags = 0 if member.name.isascii() else _NAMES_IN_UTF8
    sizes = (member.crc, member.size, member.size, len(member.name.encode()))
    return pack("<HHHHIIIH", flags, 0, 0, _FIRST_DAY, *sizes)
