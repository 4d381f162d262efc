"""JSON from strangers: one reading, nothing ambiguous, nothing that a database would choke on."""

import json
import math
import re
from typing import Any, NoReturn

DEEPEST = 64
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(content: bytes) -> dict[str, Any] | list[Any]:
    """The object or list in *content*.

    Raises `ValueError` for anything else: other encodings, NaN, numbers without end, repeated keys, deep nesting.
    Characters that no database stores (NUL, half a surrogate pair) become U+FFFD.
    """
    try:
        document = json.loads(
            content.decode("utf-8"), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique
        )
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    cleaned = _cleaned(document, 0)
    if isinstance(cleaned, dict | list):
        return cleaned
    raise ValueError("JSON, but neither an object nor a list")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number without end")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _cleaned(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON
    if depth > DEEPEST:
        raise ValueError("JSON nested too deeply")
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", key): _cleaned(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner, depth + 1) for inner in value]
    return value
