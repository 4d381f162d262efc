"""What a file is, by its first bytes. Names and content types are what somebody claims; they are never asked."""

from enum import Enum

HEAD_BYTES = 512
"""How much of a file `kind_of` and `refusal_of` want to see."""

TAKEN = "Likeness takes JPEG, PNG, WebP, HEIC, AVIF and TIFF photos."
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_VIDEO_BRANDS = (b"iso", b"mp4", b"qt ", b"M4V", b"3gp", b"avc", b"dby")
_OTHERS = (
    (b"GIF8", "This is a GIF."),
    (b"%PDF", "This is a PDF, not a photo."),
    (b"%!PS", "This is a PostScript file, not a photo."),
    (b"\xc5\xd0\xd3\xc6", "This is a PostScript file, not a photo."),
    (b"PK\x03\x04", "This is an archive or a document, not a photo."),
    (b"8BPS", "This is a Photoshop file."),
    (b"BM", "This is a bitmap (BMP)."),
    (b"\x1aE\xdf\xa3", "This is a video, not a photo."),
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
        return Kind.TIFF
    brands = set(_brands(head))
    if brands & {b"avif", b"avis"}:
        return Kind.AVIF
    return Kind.HEIF if brands & _HEIC_BRANDS else None


def refusal_of(head: bytes) -> str:
    """One sentence about a file that begins with *head* and is of no kind we take."""
    if not head:
        return "This file is empty."
    if brands := _brands(head):
        is_video = brands[0].startswith(_VIDEO_BRANDS)
        return f"{'This is a video, not a photo.' if is_video else 'This is no photo we know.'} {TAKEN}"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        return f"This is a drawing or a web page, not a photo. {TAKEN}"
    found = [sentence for signature, sentence in _OTHERS if head.startswith(signature)]
    return f"{found[0] if found else 'This is not a photo.'} {TAKEN}"


def _brands(head: bytes) -> list[bytes]:
    """The brands in an ISO media file's first box, the main one first; none when it is no such file."""
    if head[4:8] != b"ftyp":
        return []
    box = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    return [box[:4]] + [box[start : start + 4] for start in range(8, len(box) - 3, 4)]
