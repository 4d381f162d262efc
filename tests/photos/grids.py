"""HEIC and AVIF photos made of tiles, as iPhones store them. No encoder at hand writes these, so the boxes are put
together here from four encoded tiles (ISO/IEC 23008-12, 6.6.2.3)."""

import struct
from collections.abc import Iterator

from PIL import Image

from tests.photos.pictures import CORNERS, saved

TILE = 128
_CODED = {"HEIF": (b"hvc1", b"hvcC"), "AVIF": (b"av01", b"av1C")}
_GRID_ID = 5
_WITH_FLAGS = {b"meta", b"iloc"}


def grid(file_format: str, turned: int = 0, width: int = 2 * TILE, height: int = 2 * TILE) -> bytes:
    """A photo of two by two tiles in the colours of `CORNERS`, to be *turned* so many quarters against the clock."""
    tiles = [saved(Image.new("RGB", (TILE, TILE), colour), file_format, quality=95) for colour in CORNERS]
    layout = struct.pack(">BBBBHH", 0, 0, 1, 1, width, height)
    contents = [*(_item(tile) for tile in tiles), layout]
    head = _box(b"ftyp", _inside(tiles[0], b"ftyp"))
    length = len(head) + len(_meta(file_format, tiles[0], contents, 0, turned))
    return head + _meta(file_format, tiles[0], contents, length + 8, turned) + _box(b"mdat", b"".join(contents))


def _meta(file_format: str, tile: bytes, contents: list[bytes], begin: int, turned: int) -> bytes:
    handler = _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    primary = _box(b"pitm", bytes(4) + struct.pack(">H", _GRID_ID))
    tiles = _box(b"dimg", struct.pack(">HH4H", _GRID_ID, 4, 1, 2, 3, 4))
    found = handler + primary + _places(contents, begin) + _infos(_CODED[file_format][0])
    return _box(b"meta", bytes(4) + found + _box(b"iref", bytes(4) + tiles) + _properties(file_format, tile, turned))


def _places(contents: list[bytes], begin: int) -> bytes:
    rows = b""
    for number, content in enumerate(contents, start=1):
        rows += struct.pack(">HHHII", number, 0, 1, begin, len(content))
        begin += len(content)
    return _box(b"iloc", bytes(4) + b"\x44\x00" + struct.pack(">H", len(contents)) + rows)


def _infos(coded: bytes) -> bytes:
    kinds = [coded] * 4 + [b"grid"]
    hidden = [b"\0\0\1"] * 4 + [b"\0\0\0"]
    rows = [
        _box(b"infe", b"\2" + hidden[place] + struct.pack(">HH", place + 1, 0) + kind + b"\0")
        for place, kind in enumerate(kinds)
    ]
    return _box(b"iinf", bytes(4) + struct.pack(">H", len(rows)) + b"".join(rows))


def _properties(file_format: str, tile: bytes, turned: int) -> bytes:
    decoder = _CODED[file_format][1]
    size, full = struct.pack(">II", TILE, TILE), struct.pack(">II", 2 * TILE, 2 * TILE)
    known = _box(decoder, _property(tile, decoder)) + _box(b"ispe", bytes(4) + size)
    known += _box(b"pixi", bytes(4) + b"\3\x08\x08\x08") + _box(b"ispe", bytes(4) + full)
    known += _box(b"irot", bytes([turned]))
    rows = b"".join(struct.pack(">HB", number, 3) + b"\x81\2\3" for number in range(1, 5))
    rows += struct.pack(">HB", _GRID_ID, 3) + b"\4\3\x85"
    return _box(b"iprp", _box(b"ipco", known) + _box(b"ipma", bytes(4) + struct.pack(">I", 5) + rows))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    while content:
        size = struct.unpack(">I", content[:4])[0]
        yield content[4:8], content[8:size]
        content = content[size:]


def _inside(content: bytes, *path: bytes) -> bytes:
    for kind in path:
        found = dict(_boxes(content))[kind]
        content = found[4:] if kind in _WITH_FLAGS else found
    return content


def _property(tile: bytes, kind: bytes) -> bytes:
    return _inside(tile, b"meta", b"iprp", b"ipco", kind)


def _item(tile: bytes) -> bytes:
    """The encoded pixels of the only item of *tile*."""
    place = _inside(tile, b"meta", b"iloc")
    begin, length = struct.unpack(">II", place[-8:])
    if place[1] >> 4:  # the offset counts from a base, which is named once
        begin += struct.unpack(">I", place[-14:-10])[0]
    return tile[begin : begin + length]
