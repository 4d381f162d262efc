"""The colours behind a person and of what they wear, to tell sets in which these never change."""

import numpy as np

from jobs.photos.inspection.faces import region
from jobs.photos.inspection.fingerprint import colours
from jobs.photos.inspection.measures import Box
from jobs.photos.inspection.pixels import Colour

_FRAME = 0.12
"""How much of each side counts as background where no face tells more."""


def background(pixels: Colour, face: Box | None) -> list[int]:
    """The colours at the sides and above, leaving out the column in which the person stands."""
    height, width = pixels.shape[:2]
    is_behind = np.zeros((height, width), dtype=bool)
    edge_x, edge_y = max(1, round(_FRAME * width)), max(1, round(_FRAME * height))
    is_behind[:edge_y], is_behind[:, :edge_x], is_behind[:, -edge_x:] = True, True, True
    if face is not None:
        bottom = min(1.0, face[1] + 1.2 * face[3])
        is_behind[: round(max(0.0, bottom) * height)] = True
        left, right = face[0] - 0.6 * face[2], face[0] + 1.6 * face[2]
        is_behind[:, round(max(0.0, left) * width) : round(max(0.0, min(1.0, right)) * width)] = False
    return colours(pixels[is_behind])


def clothes(pixels: Colour, face: Box) -> list[int]:
    """The colours below the chin, as wide as shoulders; empty when too little of that is in the picture."""
    below = (face[0] - 0.4 * face[2], face[1] + 1.45 * face[3], 1.8 * face[2], 1.2 * face[3])
    found = region(pixels, below)
    is_enough = found.shape[0] > 0.02 * pixels.shape[0] and found.shape[1] > 0.02 * pixels.shape[1]
    return colours(np.asarray(found, dtype=np.uint8)) if is_enough else []
