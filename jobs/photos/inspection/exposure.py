"""How the light falls: brightness of what matters, and how much of it is burnt out."""

import numpy as np

from jobs.photos.inspection.measures import Light
from jobs.photos.inspection.pixels import Grey

_WHITE = 250.0


def light(region: Grey) -> Light:
    """What light fell on *region*."""
    dark, middle, bright = (round(float(value), 1) for value in np.percentile(region, (5, 50, 95)))
    white = round(float((region >= _WHITE).mean()), 3)
    return {"dark": dark, "middle": middle, "bright": bright, "white": white}


def middle_of(picture: Grey) -> Grey:
    """The inner quarter of *picture*: where the subject is, when nothing else is known."""
    height, width = picture.shape
    return picture[height // 4 : height - height // 4, width // 4 : width - width // 4]
