"""Taking secrets out of what providers answer: their replies repeat what we sent, callback tokens and keys included."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

from jobs.providers.base import Secret

HIDDEN = "***"
_SECRET_KEYS = re.compile(r"callback|webhook|token|secret|password|authorization|api_?key|access_?id|credential", re.I)
_SECRET_IN_TEXT = re.compile(
    r"""(?ix) (bearer\s+) [\w.~+/=-]{4,}
    | ( ["']? \w*(?:callback|webhook|token|secret|password|authorization|api_?key|access_?id|credential)\w* ["']?
        \s*[:=]\s* ["']? (?:bearer\s+)? ) [^\s"',&}\]]+"""
)
_SIGNED_QUERY = re.compile(r"(https?://[^\s\"'<>?]+)\?[^\s\"'<>]+")


def redacted(value: Any, secrets: Sequence[Secret] = ()) -> Any:  # noqa: ANN401 - any JSON
    """*value*, a JSON document, without *secrets*, the contents of telling keys and the query strings of URLs."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(key, inner) else redacted(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [redacted(inner, secrets) for inner in value]
    if isinstance(value, str):
        return _SIGNED_QUERY.sub(rf"\1?{HIDDEN}", _without(value, secrets))
    return value


def _is_secret(key: str, value: object) -> bool:
    return bool(_SECRET_KEYS.search(key)) and value is not None and not isinstance(value, bool | int | float)


def redacted_text(text: str, secrets: Iterable[Secret] = ()) -> str:
    """*text* without *secrets* in any of their usual spellings, and without what looks like one."""
    text = _SECRET_IN_TEXT.sub(lambda match: (match[1] or match[2]) + HIDDEN, _without(text, secrets))
    return _SIGNED_QUERY.sub(rf"\1?{HIDDEN}", text)


def _without(text: str, secrets: Iterable[Secret]) -> str:
    for secret in secrets:
        for spelling in _spellings(secret.reveal()):
            text = text.replace(spelling, HIDDEN)
    return text


def _spellings(secret: str) -> list[str]:
    """The ways a secret shows up in text: plain, URL-encoded, hexadecimal and base64."""
    if len(secret) < 4:
        return []
    encoded = secret.encode()
    return [secret, quote(secret, safe=""), quote_plus(secret), encoded.hex(), b64encode(encoded).decode().rstrip("=")]


def secrets_in(value: Any) -> Iterator[Secret]:  # noqa: ANN401 - any JSON
    """The secrets inside a request's body, by the names of their keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if _is_secret(key, inner) and isinstance(inner, str):
                yield Secret(inner)
            else:
                yield from secrets_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner)
