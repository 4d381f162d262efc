"""What the inspection measures, without looking at pixels."""

from typing import Any

from jobs.photos.inspection.findings import Seen
from jobs.photos.inspection.measures import Box, Light

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
FACE: Box = (0.35, 0.3, 0.3, 0.3)
GOOD_LIGHT: Light = {"dark": 40.0, "middle": 120.0, "bright": 220.0, "white": 0.0}


def measures(number: int = 0, **changed: Any) -> Any:
    """Measures of a good portrait; each *number* looks different from the others."""
    varied = (number * 0x9E3779B97F4A7C15) % 2**64
    good: dict[str, Any] = {
        "blur": 0.9,
        "light": GOOD_LIGHT,
        "tiny": (varied.to_bytes(8, "big") * 24).hex(),
        "phash": f"{varied:016x}",
        "faces": [list(FACE)],
        "background": [100 if kind == number % 64 else 0 for kind in range(64)],
        "clothes": [100 if kind == (number * 7) % 64 else 0 for kind in range(64)],
    }
    return {**good, **changed}


def seen(number: int = 1, *, is_person: bool = True, size: tuple[int, int] = (1200, 1600), **changed: Any) -> Seen:
    """A photo as the report card sees it."""
    kept = frozenset(changed.pop("kept", ()))
    crop = changed.pop("crop", WHOLE)
    name = f"IMG_{number}.jpg"
    return Seen(number, name, *size, crop, measures(number, **changed), kept=kept, is_person=is_person)
