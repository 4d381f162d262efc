"""From pixels to the files we keep. Nothing but pixels is written: no EXIF, XMP, text, comment or colour profile."""

from io import BytesIO

from PIL import Image

from jobs.photos import limits
from jobs.photos.decode import fitted


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
