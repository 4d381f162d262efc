"""HEIC and AVIF photos made of tiles, as phones and cameras store them. No encoder at hand writes these quickly, so the
boxes are put together here from encoded tiles (ISO/IEC 23008-12, 6.6.2.3)."""

import struct
from collections.abc import Iterator, Sequence
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.photos.pictures import CORNERS, saved

TILE = 128
_CODED = {"HEIF": (b"hvc1", b"hvcC"), "AVIF": (b"av01", b"av1C")}
_WITH_FLAGS = {b"meta", b"iloc"}


def grid(
    file_format: str,
    turned: int = 0,
    width: int = 2 * TILE,
    height: int = 2 * TILE,
    colours: Sequence[str | tuple[int, int, int]] = CORNERS,
    also: bytes = b"",
) -> bytes:
    """A photo of two by two tiles in *colours*, to be *turned* so many quarters against the clock.

    *also* is one more property of it: the name of its box, and what stands there.
    """
    tiles = [saved(Image.new("RGB", (TILE, TILE), colour), file_format, quality=95) for colour in colours]
    return _joined(file_format, tiles, 2, TILE, (width, height), turned, also=also)


def camera_heic(columns: int, rows: int, side: int = 512) -> bytes:
    """A HEIC of many tiles, all alike, in the layout of an iPhone's 48 megapixels."""
    tile = saved(Image.new("RGB", (side, side), "navy"), "HEIF")
    return _joined("HEIF", [tile] * columns * rows, columns, side, (columns * side, rows * side))


def deep_heic(columns: int, rows: int, side: int = 512) -> bytes:
    """The same of 10 bits with 4:2:2 colour, as Canon's cameras write."""
    tile = pillow_heif.from_bytes("RGB;16", (side, side), bytes(side * side * 6))
    out = BytesIO()
    tile.save(out, chroma=422)
    return _joined("HEIF", [out.getvalue()] * columns * rows, columns, side, (columns * side, rows * side), depth=10)


def _joined(
    file_format: str,
    tiles: Sequence[bytes],
    columns: int,
    side: int,
    size: tuple[int, int],
    turned: int = 0,
    depth: int = 8,
    also: bytes = b"",
) -> bytes:
    layout = struct.pack(">BBBBHH", 0, 0, len(tiles) // columns - 1, columns - 1, *size)
    contents = [*map(_item, tiles), layout]
    properties = _properties(file_format, tiles[0], len(tiles), side, size, turned, depth, also)
    head = _box(b"ftyp", _inside(tiles[0], b"ftyp"))
    length = len(head) + len(_meta(file_format, contents, 0, properties))
    return head + _meta(file_format, contents, length + 8, properties) + _box(b"mdat", b"".join(contents))


def _meta(file_format: str, contents: list[bytes], begin: int, properties: bytes) -> bytes:
    grid_id, tiles = len(contents), range(1, len(contents))
    handler = _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    primary = _box(b"pitm", bytes(4) + struct.pack(">H", grid_id))
    made_of = _box(b"dimg", struct.pack(f">HH{len(tiles)}H", grid_id, len(tiles), *tiles))
    found = handler + primary + _places(contents, begin) + _infos(_CODED[file_format][0], len(tiles))
    return _box(b"meta", bytes(4) + found + _box(b"iref", bytes(4) + made_of) + properties)


def _places(contents: list[bytes], begin: int) -> bytes:
    rows = b""
    for number, content in enumerate(contents, start=1):
        rows += struct.pack(">HHHII", number, 0, 1, begin, len(content))
        begin += len(content)
    return _box(b"iloc", bytes(4) + b"\x44\x00" + struct.pack(">H", len(contents)) + rows)


def _infos(coded: bytes, tiles: int) -> bytes:
    kinds = [(coded, b"\0\0\1")] * tiles + [(b"grid", bytes(3))]
    rows = [
        _box(b"infe", b"\2" + flags + struct.pack(">HH", number, 0) + kind + b"\0")
        for number, (kind, flags) in enumerate(kinds, start=1)
    ]
    return _box(b"iinf", bytes(4) + struct.pack(">H", len(rows)) + b"".join(rows))


def _properties(
    file_format: str, tile: bytes, tiles: int, side: int, full: tuple[int, int], turned: int, depth: int, also: bytes
) -> bytes:
    decoder = _CODED[file_format][1]
    known = _box(decoder, _property(tile, decoder)) + _box(b"ispe", bytes(4) + struct.pack(">II", side, side))
    known += _box(b"pixi", bytes(4) + bytes([3, depth, depth, depth]))
    known += _box(b"ispe", bytes(4) + struct.pack(">II", *full)) + _box(b"irot", bytes([turned]))
    rows = b"".join(struct.pack(">HB", number, 3) + b"\x81\2\3" for number in range(1, tiles + 1))
    if also:
        known += _box(also[:4], also[4:])
    held = b"\4\3" + (b"\x86\x85" if also else b"\x85")
    rows += struct.pack(">HB", tiles + 1, len(held)) + held
    return _box(b"iprp", _box(b"ipco", known) + _box(b"ipma", bytes(4) + struct.pack(">I", tiles + 1) + rows))


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
