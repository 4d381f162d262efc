"""Words and replies from outside, made safe to store: PostgreSQL takes no NUL and no half of a surrogate pair."""

import json
from collections.abc import Mapping
from typing import Any

MOST_RAW = 256 * 1024
"""Characters of a reply that are kept with a job."""


def clean(text: object, limit: int) -> str:
    """*text* as a string that every database takes, at most *limit* characters long."""
    return str(text)[: limit * 2].replace("\x00", "").encode(errors="replace").decode()[:limit]


def as_text(raw: Mapping[str, Any]) -> str:
    """A reply as JSON for people who look closely, at most 64 KiB."""
    return json.dumps(dict(raw), default=str)[:65536]


def as_json(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as it can be stored; one that is too long is only counted."""
    text = json.dumps(_cleaned(dict(raw)), default=str)
    return {"characters": len(text)} if len(text) > MOST_RAW else json.loads(text)


def _cleaned(value: object) -> object:
    if isinstance(value, dict):
        return {clean(name, 200): _cleaned(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(part) for part in value]
    return clean(value, MOST_RAW) if isinstance(value, str) else value
