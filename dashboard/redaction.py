"""Taking secrets out of what is logged, stored and shown: the one place for all of it, in plain Python.

A text is cleaned of the secrets that the caller knows, in every usual spelling; of what looks like a secret, by the
name before it, by its place in an address, or by its shape; and of the query strings of addresses, where signatures
stand. The shapes of providers' keys are declared by whoever knows them: `jobs.apps` does for all adapters at start.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
MOST_REPEATED = 200
"""So many secrets of a reply are looked for in the rest of it, which takes as many times as long."""

# Strangers choose what is matched here: no repetition may begin at every place and run to the end.
_NAMES = "callback|webhook|token|secret|password|authorization|api_?key|access_?id|credential"
_SECRET_KEYS = re.compile(
    rf"{_NAMES}|image_urls|file_url|data_url",  # the last three: whoever has a photo's address has the photo
    re.IGNORECASE,
)
_NAMES_IN_QUERY = (
    r"(?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|AWSAccessKeyId|sig|"
    r"(?:[a-z0-9]+[_-])*(?:token|key|secret|password))"
)
_PATTERNS = [
    (re.compile(r"(?i)\b(bearer\s{1,20})[\w.~+/=-]{4,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b((?:basic|token)\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(rf"""(?i)(["']{_NAMES_IN_QUERY}["']\s*:\s*)(["'])(?:\\.|(?!\2).)*\2"""), rf"\1\2{HIDDEN}\2"),
    (re.compile(rf"(?i)([?&]{_NAMES_IN_QUERY}=)[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    (
        re.compile(
            rf"""(?i)((?:{_NAMES})\w{{0,40}}["']?\s{{0,20}}[:=]\s{{0,20}}["']?(?:bearer\s{{1,20}})?)[^\s"',&}}\]]+"""
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(/(?:ask|join|callbacks|lent|password/reset/key|m/\d+/\d+)/)[^/\s\"'<>?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^:/?#\s@]*:)[^@/\s]+@"), rf"\1{HIDDEN}@"),
]
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
_LONG_SEGMENT = re.compile(r"(?<=/)[\w~.-]{20,}(?=/|\?|$)")
"""The part of an address that makes it unguessable."""
_SHORTEST = 4
_FOR_ADDRESSES = str.maketrans("+/", "-_")
_NEEDLESS_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u00((?!22|5c)[2-6][0-9a-f]|7[0-9a-e])", re.IGNORECASE)
"""A plain character that JSON may also spell as its number, after any number of escaped backslashes."""

_shapes: dict[str, re.Pattern[str]] = {}


class Secret:
    """A secret in memory. Whatever prints, formats or serialises it shows `***`; `reveal` is for what sends it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return (Secret, (HIDDEN,))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


def declare(shapes: Iterable[str]) -> None:
    """From now on, hide what looks like one of *shapes*, regular expressions that may begin at any word in a text."""
    _shapes.update((shape, re.compile(rf"(?<![A-Za-z0-9_-])(?:{shape})")) for shape in shapes)


def redacted_text(text: str, secrets: Iterable[Secret] = ()) -> str:
    """*text* without *secrets* in any of their usual spellings, and without what looks like one."""
    text = _without(text, _all_spellings(secrets))
    for shape in tuple(_shapes.values()):
        text = shape.sub(HIDDEN, text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _ADDRESS.sub(_without_query, text)


def redacted(value: Any, secrets: Sequence[Secret] = ()) -> Any:  # noqa: ANN401 - any JSON
    """*value*, a JSON document, without *secrets*, the contents of telling keys and the query strings of addresses."""
    return _redacted(value, _all_spellings(secrets))


def _redacted(value: Any, spellings: Sequence[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(key, inner) else _redacted(inner, spellings) for key, inner in value.items()}
    if isinstance(value, list):
        return [_redacted(inner, spellings) for inner in value]
    if isinstance(value, str):
        value = _without(value, spellings)
        for shape in tuple(_shapes.values()):
            value = shape.sub(HIDDEN, value)
        return _ADDRESS.sub(_without_query, value)
    return value


def _is_secret(key: str, value: object) -> bool:
    return bool(_SECRET_KEYS.search(key)) and value is not None and not isinstance(value, bool | int | float)


def _without_query(address: re.Match[str]) -> str:
    begin, _, query = address[0].partition("?")
    return f"{begin}?{HIDDEN}" if query else address[0]


def without_key(content: bytes, key: Secret) -> bytes:
    """*content*, an answer of any kind, without *key*: a provider that repeats it must not make us store or show it."""
    if rb"\u00" in content:
        content = _NEEDLESS_ESCAPE.sub(lambda match: match[1] + bytes.fromhex(match[2].decode()), content)
    for spelling in _spellings(key.reveal()):
        content = content.replace(spelling.encode(), HIDDEN.encode())
    return content


def _without(text: str, spellings: Iterable[str]) -> str:
    for spelling in spellings if len(text) >= _SHORTEST else ():
        text = text.replace(spelling, HIDDEN)
    return text


def _all_spellings(secrets: Iterable[Secret]) -> list[str]:
    return [spelling for secret in secrets for spelling in _spellings(secret.reveal())]


def _spellings(secret: str) -> list[str]:
    """The ways a secret shows up in text: plain, with escaped slashes, URL-encoded, hexadecimal and base64."""
    if len(secret) < _SHORTEST:
        return []
    encoded = secret.encode()
    in_base64 = b64encode(encoded).decode().rstrip("=")
    in_code = [encoded.hex(), encoded.hex().upper(), in_base64, in_base64.translate(_FOR_ADDRESSES)]
    return list(
        dict.fromkeys([secret, secret.replace("/", r"\/"), quote(secret, safe=""), quote_plus(secret), *in_code])
    )


def repeated_secrets(reply: Any) -> list[Secret]:  # noqa: ANN401 - any JSON
    """The secrets that a *reply* repeats under telling names: each once, and no more than an order has."""
    found = dict.fromkeys(secret.reveal() for secret in islice(secrets_in(reply), 20 * MOST_REPEATED))
    return [Secret(text) for text in islice(found, MOST_REPEATED)]


def secrets_in(value: Any) -> Iterator[Secret]:  # noqa: ANN401 - any JSON
    """The secrets inside a request's body, or a reply that repeats it, by the names of their keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets_of(inner) if _is_secret(key, inner) else secrets_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner)


def _secrets_of(value: Any) -> Iterator[Secret]:  # noqa: ANN401 - any JSON
    """Every text in *value*, the contents of a telling key; of an address also its unguessable part by itself."""
    if isinstance(value, str):
        yield Secret(value)
        yield from map(Secret, _LONG_SEGMENT.findall(value) if value.startswith(("http:", "https:")) else ())
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets_of(inner)
