"""How the subject stands and in what light: every step of a training draws that otherwise, as real models do."""

from dataclasses import dataclass

_TURNS = (0.8566748838545029, 0.733891856627126, 0.6287067210378087, 0.5385972572236101)
"""Multiples of these, without what stands before the point, fill four dimensions as evenly as can be (Roberts 2018,
"The unreasonable effectiveness of quasirandom sequences"): no two steps that anybody compares are alike in all."""


@dataclass(frozen=True)
class Pose:
    """*tilt* in degrees, *aside* in widths of the picture, *size* as a factor, *warmth* from -1 to 1."""

    tilt: float = 0.0
    aside: float = 0.0
    size: float = 1.0
    warmth: float = 0.0


def pose_of(step: int) -> Pose:
    """The pose at *step*; at 0, of a model that was not trained, upright in its place."""
    if not step:
        return Pose()
    tilt, aside, size, warmth = ((step * turn) % 1.0 - 0.5 for turn in _TURNS)
    return Pose(tilt * 14, aside * 0.2, 1 + size * 0.24, warmth * 2)
