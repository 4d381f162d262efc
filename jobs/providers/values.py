"""Single values out of a reply, taken for what they are or not at all."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST = 2**63 - 1
_JOB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,199}", re.ASCII)


def mapping(value: object) -> Mapping[str, Any]:
    """*value* if it is an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in *value* if it is a list."""
    return (entry for entry in (value if isinstance(value, list) else ()) if isinstance(entry, Mapping))


def text(value: object, limit: int) -> str:
    """*value* if it is a text of at most *limit* characters, or an empty one."""
    return value if isinstance(value, str) and len(value) <= limit else ""


def whole(value: object, least: int = -LARGEST, most: int = LARGEST) -> int | None:
    """*value* as a whole number from *least* to *most*, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    number = int(value)
    return number if least <= number <= most else None


def is_job_id(value: object) -> bool:
    """Whether *value* can be a job's id: one that fits into an address and a column."""
    return isinstance(value, str) and _JOB_ID.fullmatch(value) is not None
