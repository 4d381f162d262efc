"""What HEIC and AVIF say of their main picture, where Pillow (13.0) and pillow-heif (1.8) do not tell.

The file is a tree of boxes (ISO/IEC 14496-12); a picture's properties are listed once and given to items by number
(23008-12, 9.3).
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

_MOST = 4 << 20
"""No picture's description is longer."""


@dataclass(frozen=True)
class Properties:
    """*colours* are the numbers of primaries and transfer curve (ITU-T H.273), None when an ICC profile or nothing says
    them; *crop* is the part to show, as (left, top, right, bottom) in pixels before it is turned. A picture that
    *turns_itself* says here how, and in EXIF only once more; some phones write EXIF alone (seen 2026-11)."""

    colours: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None
    turns_itself: bool = False


def properties(file: BinaryIO) -> Properties:
    """The properties of the main picture in *file*; none of a file that is not in order."""
    with suppress(KeyError, IndexError, ValueError, ZeroDivisionError, struct.error):
        meta = dict(_boxes(_meta(file)))
        held = dict(_boxes(meta[b"iprp"]))
        known = list(_boxes(held[b"ipco"]))
        found = dict(known[number - 1] for number in _numbers(held[b"ipma"], _main(meta[b"pitm"])))
        turns_itself = b"irot" in found or b"imir" in found
        return Properties(_colours(found.get(b"colr", b"")), _crop(found.get(b"clap"), found[b"ispe"]), turns_itself)
    return Properties()


def _meta(file: BinaryIO) -> bytes:
    """What describes all items, which may stand behind the pixels."""
    file.seek(0)
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if kind == b"meta":
            return file.read(min(size - 8, _MOST))[4:]
        if size < 8:
            break
        file.seek(size - 8, 1)
    raise KeyError("meta")


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", content, place + 8), 16
        end = place + size if size else len(content)
        if end < place + head:
            raise ValueError("A box that ends before it begins.")
        yield kind, content[place + head : end]
        place = end


def _main(pitm: bytes) -> int:
    return int.from_bytes(pitm[4:8] if pitm[0] else pitm[4:6], "big")


def _numbers(ipma: bytes, wanted: int) -> list[int]:
    """The numbers of the properties of the item *wanted*, counted from 1."""
    is_long, wide = ipma[0] > 0, ipma[3] & 1
    (items,), place = struct.unpack_from(">I", ipma, 4), 8
    for _ in range(items):
        item, count = struct.unpack_from(">IB" if is_long else ">HB", ipma, place)
        place += 5 if is_long else 3
        numbers = struct.unpack_from(f">{count}{'H' if wide else 'B'}", ipma, place)
        place += count * (2 if wide else 1)
        if item == wanted:
            return [number & (0x7FFF if wide else 0x7F) for number in numbers]
    raise KeyError(wanted)


def _colours(colr: bytes) -> tuple[int, int] | None:
    if colr[:4] != b"nclx":
        return None
    primaries, transfer = struct.unpack_from(">HH", colr, 4)
    return primaries, transfer


def _crop(clap: bytes | None, ispe: bytes) -> tuple[int, int, int, int] | None:
    if clap is None:
        return None
    size = struct.unpack_from(">II", ispe, 4)
    numbers = struct.unpack(">IIIIiIiI", clap)
    width, height, right, down = (Fraction(*numbers[at : at + 2]) for at in (0, 2, 4, 6))
    left, top = (size[0] - width) / 2 + right, (size[1] - height) / 2 + down
    box = tuple(round(edge) for edge in (left, top, left + width, top + height))
    if not (0 <= box[0] < box[2] <= size[0] and 0 <= box[1] < box[3] <= size[1]):
        return None
    return box[0], box[1], box[2], box[3]
