"""How blurred a photo is: the width of its sharpest edges, in the directions that are worst off."""

import numpy as np
from numpy.typing import NDArray

from jobs.photos.inspection.pixels import Grey, slopes, softened

_AGAIN = 1.0
"""By how many pixels an edge is blurred once more: how much weaker it gets tells how blurred it was (Zhuo, Sim 2011:
"Defocus map estimation from a single image")."""
_NOISE = 1.0
"""Blur against noise, whose tiny edges would look sharp."""
_STEEP = 5.0
"""The slope from which something is an edge and not noise."""
_FEW = 60
_DIRECTIONS = 4
_SHARPEST = 25
"""Edges of things out of focus are no fault, as long as this many in a hundred are sharp."""
WORST = 9.9


def blur(picture: Grey) -> float | None:
    """The standard deviation of the blur in pixels of *picture*; None when there are no edges to tell it by.

    A shaken camera leaves the edges along its way sharp, so the average of all would hide it. The worst of four
    directions may be that of a few things out of focus, so the second worst counts.
    """
    once = softened(picture, _NOISE)
    before, angle = _steepness(once)
    after, _ = _steepness(softened(once, _AGAIN))
    is_edge = _ridges(before) & (before > max(_STEEP, float(np.percentile(before, 80))))
    if int(is_edge.sum()) < _FEW:
        return None
    widths = _width(before[is_edge], after[is_edge])
    return _second_worst(widths, angle[is_edge])


def _steepness(picture: Grey) -> tuple[Grey, Grey]:
    down, right = slopes(picture)
    return np.hypot(down, right), np.arctan2(down, right)


def _ridges(steepness: Grey) -> NDArray[np.bool_]:
    """Pixels that are steeper than their neighbours on two opposite sides: the middle of an edge."""
    ridge = np.zeros(steepness.shape, dtype=bool)
    core = steepness[1:-1, 1:-1]
    across = (core >= steepness[1:-1, :-2]) & (core >= steepness[1:-1, 2:])
    along = (core >= steepness[:-2, 1:-1]) & (core >= steepness[2:, 1:-1])
    ridge[1:-1, 1:-1] = across | along
    return ridge


def _width(before: Grey, after: Grey) -> Grey:
    ratio = np.maximum(before / np.maximum(after, 1e-3), 1.0 + 1e-3)
    return np.minimum(_AGAIN / np.sqrt(ratio**2 - 1.0), WORST)


def _second_worst(widths: Grey, angles: Grey) -> float:
    turn = ((angles % np.pi) / np.pi * _DIRECTIONS + 0.5).astype(int) % _DIRECTIONS
    enough = max(_FEW, len(widths) // 30)
    groups = [widths[turn == direction] for direction in range(_DIRECTIONS)]
    found = sorted(float(np.percentile(group, _SHARPEST)) for group in groups if len(group) >= enough)
    return round(found[-2] if len(found) > 1 else float(np.percentile(widths, _SHARPEST)), 2)
