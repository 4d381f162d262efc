"""What a file is, by its first bytes. Names and content types are what somebody claims; they are never asked."""

import struct
from contextlib import suppress
from enum import Enum
from io import BytesIO
from typing import BinaryIO

HEAD_BYTES = 512
"""How much of a file `kind_of` and `refusal_of` want to see."""

TAKEN = "Likeness takes JPEG, PNG, WebP, HEIC, AVIF and TIFF photos."
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_VIDEO_BRANDS = (b"iso", b"mp4", b"qt ", b"M4V", b"3gp", b"3g2", b"avc", b"dby", b"mmp4", b"MSNV", b"F4V")
RAW = "This is a camera's raw file. Export it as a JPEG and send that."
_VIDEO = "This is a video, not a photo. Send single pictures of it as JPEGs."
_JPEG_XL = "This is a JPEG XL picture. Save it as a JPEG and send that."
_JPEG_2000 = "This is a JPEG 2000 picture. Save it as a JPEG and send that."
_RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 34713, 34892, 65000, 65535})
"""Of Sony, Epson, Samsung, Nikon, Adobe, Kodak and Pentax."""
_SHORT = 3
"""The type of a TIFF's number of two bytes."""
_COMPRESSION, _NEW_SUBFILE_TYPE, _REDUCED_COPY, _DNG_VERSION = 259, 254, 1, 50706
_NAMED = (
    (b"\xff\x0a", _JPEG_XL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", _JPEG_XL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _JPEG_2000),
    (b"\xff\x4f\xff\x51", _JPEG_2000),
    (b"FUJIFILMCCD-RAW", RAW),
    (b"IIRO", RAW),
    (b"IIRS", RAW),
    (b"MMOR", RAW),
    (b"IIU\0", RAW),
    (b"FOVb", RAW),
    (b"\0MRM", RAW),
    (b"II\x1a\0\0\0HEAPCCDR", RAW),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"\0\0\x01\xba", _VIDEO),
    (b"\0\0\x01\xb3", _VIDEO),
    (b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (b"FLV\x01", _VIDEO),
)
"""What is not taken and has its own way out."""
_PACKET = 188
"""Bytes of a packet in an MPEG transport stream."""
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_OTHERS = (
    (b"GIF8", "This is a GIF."),
    (b"%PDF", "This is a PDF, not a photo."),
    (b"%!PS", "This is a PostScript file, not a photo."),
    (b"\xc5\xd0\xd3\xc6", "This is a PostScript file, not a photo."),
    (b"PK\x03\x04", "This is an archive or a document, not a photo."),
    (b"8BPS", "This is a Photoshop file."),
    (b"BM", "This is a bitmap (BMP)."),
)


class Kind(Enum):
    """A format we decode, by the name that Pillow gives it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    TIFF = "TIFF"
    HEIF = "HEIF"
    AVIF = "AVIF"


def kind_of(head: bytes) -> Kind | None:
    """The format of a file that begins with *head*, or None when we do not take it."""
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return None if is_raw(BytesIO(head)) else Kind.TIFF
    brands = set(_brands(head))
    if brands & {b"avif", b"avis"}:
        return Kind.AVIF
    return Kind.HEIF if brands & _HEIC_BRANDS else None


def refusal_of(head: bytes) -> str:
    """One sentence about a file that begins with *head* and is of no kind we take."""
    if not head:
        return "This file is empty."
    brands = _brands(head)
    if named := next((sentence for signature, sentence in _NAMED if head.startswith(signature)), ""):
        return named
    if is_raw(BytesIO(head)) or b"crx " in brands[:1]:
        return RAW
    if _is_video(head, brands):
        return _VIDEO
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        return f"This is a drawing or a web page, not a photo. {TAKEN}"
    found = [sentence for signature, sentence in _OTHERS if head.startswith(signature)]
    found += ["This is no photo we know."] if brands else []
    return f"{found[0] if found else 'This is not a photo.'} {TAKEN}"


def _is_video(head: bytes, brands: list[bytes]) -> bool:
    """Whether it is a video that no signature tells: by its brand, as AVI, without brands, or in packets."""
    is_stream = len(head) > 2 * _PACKET and {head[0], head[_PACKET], head[2 * _PACKET]} == {0x47}
    is_avi = head[:4] == b"RIFF" and head[8:11] == b"AVI"
    return (
        is_avi
        or is_stream
        or head[4:8] in _OLD_QUICKTIME
        or any(brand.startswith(_VIDEO_BRANDS) for brand in brands[:1])
    )


def is_raw(file: BinaryIO) -> bool:
    """Whether a TIFF is a camera's raw file: its first picture is only a small preview, or packed in a camera's way."""
    tags = tiff_tags(file)
    is_preview = tags.get(_NEW_SUBFILE_TYPE) == _REDUCED_COPY
    return is_preview or _DNG_VERSION in tags or tags.get(_COMPRESSION) in _RAW_COMPRESSIONS


def tiff_tags(file: BinaryIO) -> dict[int, int]:
    """The numbers in the first directory of a TIFF, as far as it can be read; of several values the first, or where
    they stand."""
    file.seek(0)
    head = file.read(8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    found: dict[int, int] = {}
    if order is None:
        return found
    with suppress(struct.error):
        (start,) = struct.unpack(f"{order}I", head[4:8])
        file.seek(start)
        (count,) = struct.unpack(f"{order}H", file.read(2))
        for _ in range(count):
            tag, kind, _, value = struct.unpack(f"{order}HHI4s", file.read(12))
            found[tag] = struct.unpack(*((f"{order}H", value[:2]) if kind == _SHORT else (f"{order}I", value)))[0]
    return found


def _brands(head: bytes) -> list[bytes]:
    """The brands in an ISO media file's first box, the main one first; none when it is no such file."""
    if head[4:8] != b"ftyp":
        return []
    box = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    return [box[:4]] + [box[start : start + 4] for start in range(8, len(box) - 3, 4)]
