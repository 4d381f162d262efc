"""Which part of a photo is sent: the middle, one around a face, or one chosen by hand. Plain numbers, no pixels."""

from collections.abc import Sequence
from enum import Enum
from math import isfinite

from jobs.photos import limits
from jobs.photos.inspection.measures import Box

Size = tuple[int, int]
"""Width and height in pixels."""
Pixels = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_FACE_SHARE = 4.0
"""A crop around a face is at most so many faces high, so that a small face is not lost in it."""
_LEAST_SIDE = 512
"""What providers train at; a crop around a face does not go below it where the photo has more."""
_ABOVE_FACE = 0.42
"""How far down the middle of the face stands."""


class Mode(Enum):
    """How the part was chosen."""

    CENTRE = "centre"
    FACE = "face"
    HAND = "hand"


class Shape(Enum):
    """Width to height of the part."""

    SQUARE = "square"
    UPRIGHT = "upright"
    WIDE = "wide"
    FREE = "free"

    @property
    def ratio(self) -> float | None:
        """Width divided by height; None where any will do."""
        return _RATIOS.get(self)


_RATIOS = {Shape.SQUARE: 1.0, Shape.UPRIGHT: 2 / 3, Shape.WIDE: 3 / 2}


class TooSmall(ValueError):
    """The part has too few pixels to train on, or is none at all."""


def automatic(mode: Mode, shape: Shape, size: Size, faces: Sequence[Box] | None) -> Box:
    """The largest part of *shape* in the middle, or around the largest of *faces*; without a face in the middle."""
    wide, high = _largest(shape, size)
    if mode is not Mode.FACE or not faces:
        return _box(((size[0] - wide) / 2, (size[1] - high) / 2, wide, high), size)
    left, top, width, height = faces[0]
    near = max(_FACE_SHARE * height * size[1], _LEAST_SIDE) / min(wide, high)
    wide, high = wide * min(1.0, near), high * min(1.0, near)
    x, y = (left + width / 2) * size[0], (top + height / 2) * size[1]
    return _box((x - wide / 2, y - high * _ABOVE_FACE, wide, high), size)


def by_hand(asked: Box, shape: Shape, size: Size) -> Box:
    """The part *asked* for in fractions, brought inside the photo and to *shape*. Raises TooSmall."""
    if not all(isfinite(value) and abs(value) <= 2 for value in asked):
        raise TooSmall
    wide, high = asked[2] * size[0], asked[3] * size[1]
    if shape.ratio:
        high = wide / shape.ratio
    largest = _largest(shape, size)
    if (shrink := min(1.0, largest[0] / max(wide, 1), largest[1] / max(high, 1))) < 1.0:
        wide, high = wide * shrink, high * shrink
    if min(round(wide), round(high)) < min(limits.MIN_PHOTO_SIDE, *size):
        raise TooSmall
    return _box((asked[0] * size[0], asked[1] * size[1], wide, high), size)


def pixels(box: Box, size: Size) -> Pixels:
    """*box* in whole pixels of a photo of this *size*."""
    left, top = round(box[0] * size[0]), round(box[1] * size[1])
    wide, high = max(1, round(box[2] * size[0])), max(1, round(box[3] * size[1]))
    left, top = min(max(0, left), size[0] - 1), min(max(0, top), size[1] - 1)
    return left, top, min(wide, size[0] - left), min(high, size[1] - top)


def is_cut_from_original(box: Box, prepared: Size, full: Size) -> bool:
    """Whether *box* is cut out of the original of size *full*, (0, 0) where it is not kept: a part of which the
    *prepared* photo has fewer pixels than a model can learn from."""
    is_few = min(pixels(box, prepared)[2:]) < limits.TRAINED_SIDE
    return box != WHOLE and is_few and min(full) > min(prepared)


def sent_size(box: Box, prepared: Size, full: Size) -> Size:
    """How large the part *box* is when it is sent, give or take a pixel."""
    size = decoded_size(box, full) if is_cut_from_original(box, prepared, full) else prepared
    return pixels(box, size)[2:]


def decoded_size(box: Box, full: Size) -> Size:
    """To which size a photo of *full* size is decoded, so that *box* is no larger than what is prepared may be."""
    wide, high = pixels(box, full)[2:]
    most = limits.PREPARED_SHORT_SIDE / min(wide, high), limits.PREPARED_LONG_SIDE / max(wide, high)
    # What is too large to be held whole can be decoded to a half, a quarter or an eighth, if it is a JPEG.
    held = next(1 / part for part in (1, 2, 4, 8) if full[0] * full[1] <= limits.MAX_DECODED_PIXELS * part * part)
    ratio = min(1.0, held, *most)
    return max(1, int(full[0] * ratio)), max(1, int(full[1] * ratio))


def _largest(shape: Shape, size: Size) -> tuple[float, float]:
    ratio = shape.ratio or size[0] / size[1]
    wide = min(size[0], size[1] * ratio)
    return wide, wide / ratio


def _box(part: tuple[float, float, float, float], size: Size) -> Box:
    """*part*, in pixels, moved inside the photo and to whole pixels, as fractions."""
    wide, high = (min(max(1, round(side)), most) for side, most in zip(part[2:], size, strict=True))
    left, top = (
        min(max(0, round(start)), most - side) for start, side, most in zip(part[:2], (wide, high), size, strict=True)
    )
    return left / size[0], top / size[1], wide / size[0], high / size[1]
