"""Zips that people send, read with care: what they say about themselves is checked before and while it is unpacked.

Nothing is ever written under a name that stands in a zip; names are only shown.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MOST_ENTRIES = 5000
"""Files and folders in one zip."""
MOST_TIMES = 20
"""So many times its size may a zip unpack to: photos are packed already."""
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip begins; one without files begins with its end."""
_FREE_TIMES = 64 << 20
_CHUNK = 64 << 10
_LARGEST_READ = 1 << 20
"""The list of a zip's files is read in one go; of `MOST_ENTRIES` files with long names it is not longer."""
_ENCRYPTED, _NAME_IS_UTF8, _UNICODE_PATH = 0x1, 0x800, 0x7075
_PHOTO = re.compile(r"\.(jpe?g|png|webp|hei[cf]|avif|tiff?)$", re.IGNORECASE)
_LEFT_BY_SYSTEMS = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, OverflowError, OSError, RuntimeError)
"""What `zipfile` raises over damage; NotImplementedError is a RuntimeError."""

DAMAGED = "This zip is damaged, or only part of it arrived."
TOO_MANY = f"This zip has more than {MOST_ENTRIES} files. Send the photos in smaller zips."
BOMB = "This zip unpacks to far more than photos would. Send the photos themselves."


class Unopenable(Exception):
    """A zip, or a file in one, that cannot be read. The message is for people."""


@dataclass(frozen=True)
class Entry:
    """One file of a zip: its *name* without folders, its *path* with them, and its *size* as the zip claims it, in
    bytes."""

    name: str
    path: str
    size: int
    info: zipfile.ZipInfo


class _Careful:
    """A file that `zipfile` may not read much of at once, whatever the zip says about its lengths."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > _LARGEST_READ:
            raise Unopenable(TOO_MANY)
        found = self._file.read(_LARGEST_READ + 1 if size < 0 else size)
        if len(found) > _LARGEST_READ:
            raise Unopenable(DAMAGED)
        return found


class Zip:
    """An opened zip. Raises Unopenable when it is none, or claims what no zip of photos has."""

    def __init__(self, file: IO[bytes]) -> None:
        size = file.seek(0, 2)
        try:
            self._zip = zipfile.ZipFile(_Careful(file))
        except _DAMAGE:
            raise Unopenable(DAMAGED) from None
        found = self._zip.infolist()
        if len(found) > MOST_ENTRIES:
            raise Unopenable(TOO_MANY)
        self.entries = [
            Entry(_path(info).rpartition("/")[2], _path(info), info.file_size, info)
            for info in found
            if _is_meant(info)
        ]
        self.unpacked_size = sum(entry.size for entry in self.entries)
        if self.unpacked_size > size * MOST_TIMES + _FREE_TIMES:
            raise Unopenable(BOMB)

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """The content of *entry*, piece by piece. Raises Unopenable."""
        if entry.info.flag_bits & _ENCRYPTED:
            raise Unopenable("This file is locked with a password. Unpack the zip and send the photos.")
        if entry.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unopenable("This file is packed in an unusual way. Unpack the zip and send the photos.")
        try:
            with self._zip.open(entry.info) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except _DAMAGE:
            raise Unopenable("This file is damaged inside the zip.") from None


def is_zip(head: bytes) -> bool:
    """Whether a file that begins with *head* is a zip."""
    return head.startswith(SIGNATURES)


def _path(info: zipfile.ZipInfo) -> str:
    """The name of the file with its folders. It is a label: however odd, it keeps no photo out.

    Macs write UTF-8 and do not say so. Other systems write their own encoding, which nobody names: in those of Japan,
    China and Taiwan the second byte of a letter may be that of a backslash (表, ソ, 十), which divides nothing then.
    """
    name = info.filename
    if not info.flag_bits & _NAME_IS_UTF8:
        raw = name.encode("cp437", "replace")
        try:
            name = _unicode_path(info, raw) or raw.decode()
        except UnicodeError:
            name = re.sub(r"(?<=[^\0-\x7f])\\", "_", name)
    return name.replace("\\", "/")


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str:
    """The name in UTF-8 that a packer put beside the old one (APPNOTE 4.6.9), when it is still of that one."""
    left = info.extra
    while len(left) >= 4:
        kind, size = struct.unpack_from("<HH", left)
        body, left = left[4 : 4 + size], left[4 + size :]
        if kind == _UNICODE_PATH and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            return body[5:].decode(errors="replace")
    return ""


def _is_meant(info: zipfile.ZipInfo) -> bool:
    """Whether somebody put it there, and not the system that packed it."""
    path = _path(info)
    *folders, name = path.split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in folders)
    left = _LEFT_BY_SYSTEMS.intersection(part.lower() for part in (*folders, name))
    is_hidden_file = name.startswith("._") or (name.startswith(".") and not _PHOTO.search(name))
    return not (path.endswith("/") or hidden or left or is_hidden_file)
