"""Reading a reply: values taken for what they are or not at all; what is said, as it may be stored and shown."""

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dashboard.redaction import HIDDEN

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


def percent(value: object) -> int | None:
    """*value* as whole per cent, 0 to 100, or None."""
    number = whole(value)
    return None if number is None else min(max(number, 0), 100)


def is_job_id(value: object) -> bool:
    """Whether *value* can be a job's id: one that fits into an address and a column."""
    return isinstance(value, str) and _JOB_ID.fullmatch(value) is not None


LONGEST = 500
"""Characters of a sentence."""
_LONGEST_STATE = 100
_ADDRESS = re.compile(r"\w{2,10}://([^\s/\"'<>?#]*)[^\s\"'<>]*")


def state_name(said: object) -> str:
    """A state as the provider spells it; one that is no text is shown as JSON, a missing one is empty."""
    text = said if isinstance(said, str) else "" if said is None else json.dumps(said)
    return text[:_LONGEST_STATE]


def sentence(*told: object) -> str:
    """*told*, any JSON, on one line and without addresses: ours open the photos."""
    return _ADDRESS.sub("(an address)", " ".join(filter(None, map(_words, told))))[:LONGEST]


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("message", "msg", "detail", "reason") if value.get(key)), dict(value))
    text = value if isinstance(value, str) else json.dumps(value) if value not in (None, [], {}) else ""
    return " ".join(text[: 4 * LONGEST].split())


def without_addresses(value: Any, result_hosts: Collection[str] = ()) -> Any:  # noqa: ANN401 - any JSON
    """*value* with every address shortened to its host, but for those on *result_hosts*."""
    if isinstance(value, Mapping):
        return {key: without_addresses(inner, result_hosts) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_addresses(inner, result_hosts) for inner in value]
    if not isinstance(value, str):
        return value

    def shortened(found: re.Match[str]) -> str:
        if is_on(found[1], result_hosts):
            return found[0]
        return f"{found[0].partition('://')[0]}://{found[1].rpartition('@')[2]}/{HIDDEN}"

    return _ADDRESS.sub(shortened, value)


def is_on(host: str, hosts: Collection[str]) -> bool:
    """Whether *host* is one of *hosts*: full names, or `.example.com` for all names below."""
    host = host.lower()
    return any(host.endswith(name) if name.startswith(".") else host == name for name in hosts)
