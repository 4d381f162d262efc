"""Real photo files as phones and cameras make them, drawn from the sample photos."""

import io
from collections.abc import Callable
from pathlib import Path

import piexif
import pillow_heif
from PIL import Image

SAMPLES = sorted((Path(__file__).parent.parent / "static" / "samples").glob("*.jpg"))
ROTATED = 6
"""EXIF orientation of a phone held upright: the stored picture lies on its side."""


def exif_with_location() -> bytes:
    """What a phone writes: how it was held, its name, and the place (Berlin, Alexanderplatz)."""
    place = {
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: ((52, 1), (31, 1), (1850, 100)),
        piexif.GPSIFD.GPSLongitudeRef: b"E",
        piexif.GPSIFD.GPSLongitude: ((13, 1), (24, 1), (4780, 100)),
    }
    camera = {piexif.ImageIFD.Orientation: ROTATED, piexif.ImageIFD.Make: b"Apple", piexif.ImageIFD.Model: b"iPhone"}
    return bytes(piexif.dump({"0th": camera, "GPS": place}))


def sideways(sample: Path) -> Image.Image:
    """The picture as the sensor stored it: turn it by its EXIF orientation and it is upright again."""
    with Image.open(sample) as picture:
        return picture.convert("RGB").transpose(Image.Transpose.ROTATE_90)


def phone_jpeg(sample: Path) -> bytes:
    return _saved(sideways(sample), "JPEG", quality=90, exif=exif_with_location())


def phone_heic(sample: Path) -> bytes:
    pillow_heif.register_heif_opener()
    return _saved(sideways(sample), "HEIF", quality=80, exif=exif_with_location())


def camera_roll(folder: Path) -> list[Path]:
    """Eight usable photos of six formats, among them a sideways HEIC with GPS, in *folder*."""
    paths = [folder / name for name in NAMES]
    for path, make, sample in zip(paths, NAMES.values(), SAMPLES, strict=False):
        path.write_bytes(make(sample))
    return paths


def _again(kind: str) -> Callable[[Path], bytes]:
    def make(sample: Path) -> bytes:
        with Image.open(sample) as picture:
            return _saved(picture, kind)

    return make


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


NAMES: dict[str, Callable[[Path], bytes]] = {
    "IMG_0001.HEIC": phone_heic,
    "IMG_0002.JPG": phone_jpeg,
    "portrait.png": _again("PNG"),
    "from the web.webp": _again("WEBP"),
    "new.avif": _again("AVIF"),
    "scan.tiff": _again("TIFF"),
    "IMG_0003.jpg": Path.read_bytes,
    "IMG_0004.jpg": Path.read_bytes,
}
"""What each file of the camera roll is called and how it is made from a sample."""
