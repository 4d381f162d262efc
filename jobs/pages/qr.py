"""A QR code as a page can draw it without inline styles: one path of an SVG."""

from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4
"""Empty modules around the code, as its standard asks for."""


@dataclass(frozen=True)
class Drawing:
    """*path* draws the dark modules in a square of *size* modules."""

    size: int
    path: str


def drawing(text: str) -> Drawing:
    """The code that a phone reads as *text*."""
    rows = list(segno.make(text, error="m", micro=False).matrix)
    strokes = []
    for y, row in enumerate(rows, QUIET):
        x = QUIET
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                strokes.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return Drawing(len(rows) + 2 * QUIET, "".join(strokes))
