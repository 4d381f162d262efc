"""What is kept of a photo once it was measured. Plain JSON, so that pages need no pixels."""

from typing import TypeAlias, TypedDict

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in fractions of the upright photo; parts may lie outside of it."""


class Light(TypedDict):
    """Brightness of the subject, 0 to 255: a dark, a middle and a bright pixel of it, and the share that is white."""

    dark: float
    middle: float
    bright: float
    white: float


class Measures(TypedDict):
    """What the child process answers about a photo."""

    blur: float | None
    """The width of its sharpest edges, in pixels of a photo whose shorter side has 768; None without edges."""
    light: Light
    tiny: str
    """Its colours at 8 × 8 pixels, in hexadecimal."""
    phash: str
    faces: list[Box] | None
    """Largest first; None where no detector is installed."""
    background: list[int]
    """How many hundredths of what is behind the subject have which of 64 colours."""
    clothes: list[int]
    """The same of what is below the chin; empty when there is none to see."""
