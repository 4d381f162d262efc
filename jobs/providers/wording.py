"""What a provider says, as it may be stored and shown: on one line, and without addresses that open something."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from jobs.providers.redaction import HIDDEN

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
    return _ADDRESS.sub(lambda found: found[0] if is_on(found[1], result_hosts) else _shortened(found), value)


def _shortened(found: re.Match[str]) -> str:
    return f"{found[0].partition('://')[0]}://{found[1].rpartition('@')[2]}/{HIDDEN}"


def is_on(host: str, hosts: Collection[str]) -> bool:
    """Whether *host* is one of *hosts*: full names, or `.example.com` for all names below."""
    host = host.lower()
    return any(host.endswith(name) if name.startswith(".") else host == name for name in hosts)
