"""Pictures as cameras, phones and attackers make them. All are drawn here: nobody's photo is in the repository."""

import struct
import zlib
from functools import cache
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

CORNERS = ("red", "lime", "blue", "white")
"""The colours of an upright picture's corners: top left, top right, bottom left, bottom right."""

SENSOR = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What turns an upright picture into what the sensor saw, by EXIF orientation."""


def upright(width=300, height=200):
    """A picture whose four quarters differ, so that any wrong turn shows."""
    image = Image.new("RGB", (2, 2))
    image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
    return image.resize((width, height), Image.Resampling.NEAREST)


def sideways(orientation, width=300, height=200):
    turn = SENSOR[orientation]
    return upright(width, height) if turn is None else upright(width, height).transpose(turn)


def exif(orientation=1):
    """EXIF data with orientation, camera, a comment and a place: 48.8584 N, 2.2945 E."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "CanaryCamera"
    data[0x010E] = "CanaryDescription"
    data.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0CanaryComment"
    gps = data.get_ifd(0x8825)
    gps.update({1: "N", 2: (48.0, 51.0, 30.24), 3: "E", 4: (2.0, 17.0, 40.2), 29: "2026:11:21"})
    return data.tobytes()


XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>CanaryCreator</dc:creator></x:xmpmeta>"


def saved(image, file_format, **settings):
    out = BytesIO()
    image.save(out, file_format, **settings)
    return out.getvalue()


@cache
def with_everything(file_format, orientation=6):
    """A sideways picture with all the metadata that *file_format* can carry."""
    settings = {"exif": exif(orientation), "icc_profile": srgb_profile()}
    if file_format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "CanaryText")
        text.add_text("Author", "CanaryAuthor", zip=True)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        settings["pnginfo"] = text
    elif file_format == "JPEG":
        settings |= {"comment": b"CanaryJpegComment", "xmp": XMP}
    elif file_format in ("WEBP", "AVIF", "HEIF"):
        settings["xmp"] = XMP
    if file_format == "TIFF":
        settings = {"exif": exif(orientation), "description": "CanaryTiff"}
    return saved(sideways(orientation), file_format, **settings)


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide_profile():
    """sRGB with red and green swapped: a picture that ignores it shows the wrong colours."""
    profile = bytearray(srgb_profile())
    count = struct.unpack(">I", profile[128:132])[0]
    tags = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)


def photo(width, height):
    """Something as busy as a real photo, so that files and times are of a real size."""
    clouds = [Image.effect_noise((width // 8, height // 8), 120).resize((width, height)) for _ in range(3)]
    grain = Image.effect_noise((width, height), 18)
    return Image.blend(Image.merge("RGB", clouds), Image.merge("RGB", [grain] * 3), 0.25)


def png_chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width=65_536, height=65_536, rows=1000):
    """A small PNG that says it is enormous."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = zlib.compress(bytes(rows * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def scan_bomb(scans=2000):
    """A small JPEG that is painted over *scans* times, each time in next to no bytes."""
    whole = saved(Image.new("RGB", (4000, 4000), "navy"), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * scans + whole[-2:]


@cache
def _squeezed(megabytes):
    return zlib.compress(bytes(megabytes << 20), 9)


def text_bomb(megabytes=200):
    """A PNG with a text that unpacks to *megabytes*."""
    plain = saved(upright(), "PNG")
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + _squeezed(megabytes))
    return plain[:33] + bomb + plain[33:]


def profile_bomb(megabytes=200):
    plain = saved(upright(), "PNG")
    bomb = png_chunk(b"iCCP", b"p\0\0" + _squeezed(megabytes))
    return plain[:33] + bomb + plain[33:]


def jpeg_claiming(width, height):
    """A small JPEG whose header says it has *width* × *height* pixels."""
    content = bytearray(saved(upright(), "JPEG"))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def gif_claiming(width, height):
    content = bytearray(saved(upright(), "GIF"))
    content[6:10] = struct.pack("<HH", width, height)
    return bytes(content)
