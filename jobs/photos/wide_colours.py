"""Pictures that say their colours in numbers (ITU-T H.273) instead of an ICC profile, as HDR and wide-gamut AVIF does.

What HDR has brighter than a sheet of white paper (203 nits, ITU-R BT.2408) is rolled off into white.
"""

from typing import Any

import numpy as np
from PIL import Image

_SRGB = np.eye(3)
_TO_SRGB = {
    9: np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]),
    12: np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]]),
}
"""From linear BT.2020 (ITU-R BT.2087) and Display P3, by the number of their primaries."""
_PQ, _HLG = 16, 18
_PAPER_WHITE = 203.0
_KNEE = 0.7
"""Up to here of paper white, brightness is kept as it is."""


def is_wide(primaries: int, transfer: int) -> bool:
    """Whether a picture with H.273's *primaries* and *transfer* would be shown wrong as sRGB."""
    return primaries in _TO_SRGB or transfer in (_PQ, _HLG)


def to_srgb(image: Image.Image, primaries: int, transfer: int) -> Image.Image:
    """*image*, of mode RGB, in sRGB."""
    linear = _light(transfer)[np.asarray(image)] @ _TO_SRGB.get(primaries, _SRGB).T
    shoulder = _KNEE + (1 - _KNEE) * (1 - np.exp(-(np.maximum(linear, _KNEE) - _KNEE) / (1 - _KNEE)))
    shown = np.clip(np.where(linear > _KNEE, shoulder, linear) if transfer in (_PQ, _HLG) else linear, 0.0, 1.0)
    encoded = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return Image.fromarray((encoded * 255 + 0.5).astype(np.uint8), "RGB")


def _light(transfer: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """How much light each of the 256 codes stands for, 1 being paper white."""
    code = np.linspace(0.0, 1.0, 256)
    if transfer == _PQ:  # SMPTE ST 2084
        root = code ** (1 / 78.84375)
        light = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        light /= _PAPER_WHITE
    elif transfer == _HLG:  # ITU-R BT.2100, for a screen of 1 000 nits
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        light = scene**1.2 * 1000 / _PAPER_WHITE
    else:
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)
