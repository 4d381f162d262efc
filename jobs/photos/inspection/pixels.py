"""Arrays of pixels, and the few filters that the measures share. Runs in the child process only."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]
Colour = NDArray[np.uint8]


def grey(image: Image.Image) -> Grey:
    """Brightness, 0 to 255."""
    return np.asarray(image.convert("L"), dtype=np.float32)


def within(image: Image.Image, short_side: int) -> Image.Image:
    """*image* scaled down until its shorter side is at most *short_side*; never scaled up."""
    ratio = short_side / min(image.size)
    if ratio >= 1.0:
        return image
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX if ratio < 0.5 else Image.Resampling.LANCZOS)


def softened(picture: Grey, sigma: float) -> Grey:
    """*picture* after a Gaussian blur of *sigma* pixels."""
    reach = int(3 * sigma + 0.5)
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    weights = np.exp(-(steps**2) / (2 * sigma * sigma))
    weights /= weights.sum()
    rows = _along(np.pad(picture, ((reach, reach), (0, 0)), mode="edge"), weights, 0)
    return _along(np.pad(rows, ((0, 0), (reach, reach)), mode="edge"), weights, 1)


def slopes(picture: Grey) -> tuple[Grey, Grey]:
    """How steeply the brightness rises downwards and to the right, for each pixel."""
    down, right = np.zeros_like(picture), np.zeros_like(picture)
    down[1:-1] = (picture[2:] - picture[:-2]) / 2
    right[:, 1:-1] = (picture[:, 2:] - picture[:, :-2]) / 2
    return down, right


def _along(padded: Grey, weights: NDArray[np.float32], axis: int) -> Grey:
    length = padded.shape[axis] - len(weights) + 1
    parts = [padded[at : at + length] if axis == 0 else padded[:, at : at + length] for at in range(len(weights))]
    total: Grey = np.zeros_like(parts[0])
    for weight, part in zip(weights, parts, strict=True):
        total += weight * part
    return total
