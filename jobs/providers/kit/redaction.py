"""Taking secrets out of what providers answer: their replies repeat what we sent, callback tokens and keys included."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

from jobs.providers.credentials import Secret

HIDDEN = "***"
MOST_REPEATED = 200
"""So many secrets of a reply are looked for in the rest of it, which takes as many times as long."""
_SECRET_KEYS = re.compile(
    r"callback|webhook|token|secret|password|authorization|api_?key|access_?id|credential"
    r"|image_urls|file_url|data_url",  # where a provider fetches our photos: whoever has the address has the photo
    re.IGNORECASE,
)
# A provider chooses what is matched here: no repetition may begin at every place and run to the end.
_SECRET_IN_TEXT = re.compile(
    r"""(?ix) (bearer\s{1,20}) [\w.~+/=-]{4,}
    | ( (?:callback|webhook|token|secret|password|authorization|api_?key|access_?id|credential) \w{0,40} ["']?
        \s{0,20}[:=]\s{0,20} ["']? (?:bearer\s{1,20})? ) [^\s"',&}\]]+"""
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
_LONG_SEGMENT = re.compile(r"(?<=/)[\w~.-]{20,}(?=/|\?|$)")
"""The part of an address that makes it unguessable."""
_SHORTEST = 4
_FOR_ADDRESSES = str.maketrans("+/", "-_")
_NEEDLESS_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u00((?!22|5c)[2-6][0-9a-f]|7[0-9a-e])", re.IGNORECASE)
"""A plain character that JSON may also spell as its number, after any number of escaped backslashes."""


def redacted(value: Any, secrets: Sequence[Secret] = ()) -> Any:  # noqa: ANN401 - any JSON
    """*value*, a JSON document, without *secrets*, the contents of telling keys and the query strings of URLs."""
    return _redacted(value, _all_spellings(secrets))


def _redacted(value: Any, spellings: Sequence[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(key, inner) else _redacted(inner, spellings) for key, inner in value.items()}
    if isinstance(value, list):
        return [_redacted(inner, spellings) for inner in value]
    if isinstance(value, str):
        return _ADDRESS.sub(_without_query, _without(value, spellings))
    return value


def _is_secret(key: str, value: object) -> bool:
    return bool(_SECRET_KEYS.search(key)) and value is not None and not isinstance(value, bool | int | float)


def redacted_text(text: str, secrets: Iterable[Secret] = ()) -> str:
    """*text* without *secrets* in any of their usual spellings, and without what looks like one."""
    text = _SECRET_IN_TEXT.sub(lambda match: (match[1] or match[2]) + HIDDEN, _without(text, _all_spellings(secrets)))
    return _ADDRESS.sub(_without_query, text)


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
