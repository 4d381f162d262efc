"""What a photo looks like in a few bytes, so that photos which look alike can be told."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.photos.inspection.pixels import Colour

_SIDE, _KEPT = 32, 8
TINY = 8
"""The side of the tiny picture whose colours are kept."""
_LEVELS = 4


def perceptual_hash(image: Image.Image) -> str:
    """64 bits in hexadecimal: which of the slowest waves of the picture are stronger than their middle."""
    small = np.asarray(image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), dtype=np.float64)
    waves = _cosines() @ small @ _cosines().T
    slow = waves[:_KEPT, :_KEPT].ravel()
    bits = slow > np.median(slow[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def tiny(image: Image.Image) -> str:
    """The colours of *image* at 8 × 8 pixels, in hexadecimal."""
    return np.asarray(image.resize((TINY, TINY), Image.Resampling.BOX), dtype=np.uint8).tobytes().hex()


def colours(region: Colour) -> list[int]:
    """How many hundredths of *region* have which of 64 colours; empty for an empty region."""
    levels = (region.reshape(-1, 3) // (256 // _LEVELS)).astype(int)
    if not len(levels):
        return []
    kinds = levels @ np.array([_LEVELS * _LEVELS, _LEVELS, 1])
    counted = np.bincount(kinds, minlength=_LEVELS**3)
    return [int(share) for share in np.rint(100 * counted / len(levels))]


def _cosines() -> NDArray[np.float64]:
    places, waves = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE))
    return np.cos(np.pi * waves * (2 * places + 1) / (2 * _SIDE))
