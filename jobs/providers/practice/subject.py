"""The photos of a practice training, kept small in the store."""

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

from PIL import Image

from jobs.providers.errors import Unsent
from jobs.providers.order import OrderPhoto

_KEPT = 8
_EDGE = 512


def pack(photos: tuple[OrderPhoto, ...]) -> dict[str, Any]:
    """Up to eight of *photos*, spread over all of them, as a document. Raises `Unsent` when one can't be read."""
    kept = [photos[number * len(photos) // min(_KEPT, len(photos))] for number in range(min(_KEPT, len(photos)))]
    return {"photos": [b64encode(_small(photo)).decode() for photo in kept]}


def _small(photo: OrderPhoto) -> bytes:
    try:
        image = Image.open(BytesIO(photo.read()))
        image.thumbnail((_EDGE, _EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=84)
    except (OSError, ValueError) as error:
        raise Unsent(f"The photo {photo.name} could not be read. Nothing was sent.") from error
    return small.getvalue()


def unpack(document: dict[str, Any] | None) -> list[bytes]:
    """The JPEGs of a document that `pack` made."""
    return [b64decode(photo) for photo in (document or {}).get("photos", [])]
