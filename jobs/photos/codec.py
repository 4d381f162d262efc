"""From an untrusted file to upright sRGB pixels, and from those to the files we keep. Runs in the child process only.

Nothing but pixels is written: no EXIF, XMP, text, comment or colour profile.
"""

from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import BinaryIO, cast

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from jobs.photos import boxes, limits, sniff, wide_colours
from jobs.photos.sniff import Kind

_TIFF_WIDTH = 256
_ODD_TIFF = (
    "This TIFF has colours that cannot be read here, such as Lab or floating-point numbers. Save it in RGB with 8 or "
    "16 bits, or as a JPEG, and send that."
)
_PLUGINS = {
    Kind.JPEG: "PIL.JpegImagePlugin",
    Kind.PNG: "PIL.PngImagePlugin",
    Kind.WEBP: "PIL.WebPImagePlugin",
    Kind.TIFF: "PIL.TiffImagePlugin",
    Kind.AVIF: "PIL.AvifImagePlugin",
    Kind.HEIF: "pillow_heif.as_plugin",
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""
_LYING = frozenset({5, 6, 7, 8})
_DESCRIBED = "likeness"
"""Where the picture's own properties stand in its info."""
_STRIP = 64
"""Rows that are made of a HEIC at once."""
# Pillow's own limit is a warning at one size and an error at another; ours are exact.
Image.MAX_IMAGE_PIXELS = None


class Refused(Exception):
    """The picture cannot be used. The message is for people."""


def decode(file: BinaryIO, kinds: frozenset[Kind], min_side: int) -> ImageFile.ImageFile:
    """Open the picture in *file*, its size checked, its pixels not read yet. Raises Refused."""
    head = file.read(sniff.HEAD_BYTES)
    file.seek(0)
    kind = sniff.kind_of(head)
    if kind is None or kind not in kinds:
        raise Refused(sniff.refusal_of(head))
    plugin = import_module(_PLUGINS[kind])
    if kind is Kind.HEIF:
        plugin.register_heif_opener(thumbnails=False, decode_threads=2)
    elif kind is Kind.TIFF and sniff.is_raw(file):
        raise Refused(sniff.RAW)
    described = boxes.properties(file) if kind in (Kind.HEIF, Kind.AVIF) else boxes.Properties()
    file.seek(0)
    try:
        image = Image.open(file, formats=[kind.value])
    except UnidentifiedImageError:
        if kind is Kind.TIFF and _TIFF_WIDTH in sniff.tiff_tags(file):
            raise Refused(_ODD_TIFF) from None
        raise
    image.info[_DESCRIBED] = described
    if kind is Kind.HEIF and described.turns_itself:
        image.info["original_orientation"] = 1
    if min(image.size) < min_side:
        size = f"{image.width} × {image.height} pixels"
        raise Refused(f"This photo is only {size}; it needs at least {min_side} on each side.")
    if max(image.size) > limits.MAX_SIDE or _pixels(image) > limits.MAX_PIXELS:
        raise Refused(_too_large(image))
    return image


def within(image: ImageFile.ImageFile, short_side: int, long_side: int) -> Image.Image:
    """The first frame's pixels: upright, sRGB, without alpha, at most so large, and with nothing but pixels."""
    described = _described(image)
    loaded = _loaded(image, fitted(image.size, short_side, long_side))
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    pixels = _plain_mode(loaded)
    if described.crop:
        pixels = pixels.crop(described.crop)
    size = fitted(pixels.size, short_side, long_side)
    if size != pixels.size:
        pixels = pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if pixels.mode in ("LA", "RGBA"):
        canvas = Image.new("RGB", size, "white")
        canvas.paste(pixels.convert("RGB"), mask=pixels.getchannel("A"))
        pixels = canvas
    if described.colours and not profile and wide_colours.is_wide(*described.colours):
        pixels = wide_colours.to_srgb(pixels.convert("RGB"), *described.colours)
    pixels = _srgb(pixels, profile)
    if orientation in _TURNS:
        pixels = pixels.transpose(_TURNS[orientation])
    pixels.info.clear()
    return pixels


def fitted(size: tuple[int, int], short_side: int, long_side: int) -> tuple[int, int]:
    """*size* scaled down, its shape kept, until neither side is longer than allowed."""
    ratio = min(1.0, short_side / min(size), long_side / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _loaded(image: ImageFile.ImageFile, wanted: tuple[int, int]) -> Image.Image:
    """The decoded pixels, a JPEG's and a HEIC's no finer than *wanted* needs."""
    is_huge, too_large = _pixels(image) > limits.MAX_DECODED_PIXELS, Refused(_too_large(image))
    image.draft("RGB", wanted)
    if _pixels(image) > limits.MAX_DECODED_PIXELS:
        raise too_large
    if image.format == Kind.HEIF.value:
        return _loaded_heif(image, min(image.width // wanted[0], image.height // wanted[1]))
    try:
        image.load()
    except OSError as error:
        # A progressive JPEG is held whole while it is decoded, and libjpeg calls running out of memory damage.
        raise too_large if is_huge else error from error
    return image


def _loaded_heif(image: ImageFile.ImageFile, factor: int) -> Image.Image:
    """The pixels of a HEIC, each the mean of *factor* by *factor*.

    Phones make 50 megapixels. Read through Pillow, which takes four bytes for each beside the three of libheif, they
    would need more memory than the child has, so they are taken over in strips.
    """
    import pillow_heif

    file = cast("BinaryIO", image.fp)
    file.seek(0)
    found = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
    whole = found[found.primary_index]
    try:
        rows, stride = memoryview(whole.data), whole.stride
    except RuntimeError as error:  # libheif's own, which says so only in words (1.23)
        if "alloc" in str(error):
            raise MemoryError from error
        raise
    width, height = whole.size
    small = Image.new(whole.mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, factor * _STRIP):
        end = min(top + factor * _STRIP, height)
        content = rows[top * stride : end * stride].tobytes()
        strip = Image.frombytes(whole.mode, (width, end - top), content, "raw", whole.mode, stride)
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _pixels(image: Image.Image) -> int:
    return image.width * image.height


def _too_large(image: Image.Image) -> str:
    size = f"{image.width} × {image.height} pixels"
    return f"This picture is too large to open ({size}). Save it as a smaller JPEG and send that."


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 (upright) to 8; a picture whose EXIF data is broken counts as upright."""
    # Pillow takes it from XMP, too, which no browser does: some editors leave the old one there when they turn.
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)
    with suppress(Exception):
        # Of a HEIC, pillow-heif calls EXIF's orientation done, whoever should have done it.
        return int(image.info.get("original_orientation") or image.getexif().get(0x0112, 1))
    return 1


def _described(image: Image.Image) -> boxes.Properties:
    found: boxes.Properties = image.info.get(_DESCRIBED, boxes.Properties())
    # libheif has cut a HEIC already.
    return found if image.format == Kind.AVIF.value else boxes.Properties(found.colours)


def upright_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height of *image*, whose pixels are not read yet, once it is upright."""
    left, top, right, bottom = _described(image).crop or (0, 0, *image.size)
    width, height = right - left, bottom - top
    # Of a TIFF, Pillow tells the upright size from the beginning.
    is_lying = image.format != Kind.TIFF.value and _orientation(image) in _LYING
    return (height, width) if is_lying else (width, height)


def _plain_mode(image: Image.Image) -> Image.Image:
    """*image* in a mode that can be scaled without harm: L, LA, RGB, RGBA, CMYK or LAB."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    if image.mode in ("P", "PA", "RGBa", "La") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or floating point as 8 bits: Pillow's own conversion cuts off instead of scaling."""
    wide = image if image.mode in ("I", "F") else image.convert("I")
    brightest = cast("tuple[float, float]", wide.getextrema())[1]
    tops = (1.0, 255.0, 65535.0) if wide.mode == "F" else (65535.0,)
    top = next((top for top in tops if brightest <= top), brightest)
    return wide.point(lambda value: value * (255.0 / top) + 0.0).convert("L")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """*image* in sRGB by its own colour profile; one that is broken or of another mode is passed over."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        found = ImageCms.createProfile("LAB") if image.mode == "LAB" else BytesIO(profile) if profile else None
        if found is not None:
            source, target = ImageCms.ImageCmsProfile(found), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            return converted if converted is not None else image
    return image.convert("RGB")


def jpeg(image: Image.Image) -> bytes:
    """What pages show large and providers train on."""
    return _saved(image, "JPEG", quality=92, subsampling=0)


def png(image: Image.Image) -> bytes:
    """A generated image as it is, losslessly."""
    return _saved(image, "PNG", compress_level=4)


def thumbnail(image: Image.Image) -> bytes:
    """The small picture that lists are made of."""
    size = fitted(image.size, limits.THUMBNAIL_SIDE, limits.THUMBNAIL_SIDE)
    return _saved(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0), "WEBP", quality=80, method=3)


def _saved(image: Image.Image, file_format: str, **settings: int) -> bytes:
    # Pillow writes some of what it found in the source (comments, profiles, XMP) unless it is taken away.
    image.info.clear()
    out = BytesIO()
    image.save(out, file_format, **settings)
    return out.getvalue()
