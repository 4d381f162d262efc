"""What a provider's refusal means: from HTTP status and body to one of our errors."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import Any

from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit, NotThere, Refused, TooMany

REFUSALS = frozenset({400, 401, 403, 404, 422, 429})
"""The only answers that prove that nothing was accepted; after any other, a paid request may have been."""

_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 900.0
_LONGEST_SENTENCE = 500


def refusal(status: int, label: str, document: object, retry_after: str | None, raw: str) -> Refused:
    """The error for one of the `REFUSALS`. *document* is the parsed body or None, *raw* its redacted text."""
    if status == 401:
        return KeyRefused(f"{label} did not accept this key.", raw=raw)
    if status == 403:
        return NoCredit(f"{label} does not allow this; usually the account has not enough tokens left.", raw=raw)
    if status == 404:
        return NotThere(f"{label} does not know what we asked for.", raw=raw)
    if status == 429:
        return TooMany(f"{label} was asked too often.", wait=wait_seconds(retry_after), raw=raw)
    sentence, fields = complaint(document)
    return InvalidOrder(sentence or f"{label} will not take these values.", fields=fields, raw=raw)


def wait_seconds(retry_after: str | None) -> float:
    """The seconds a `Retry-After` header asks for, 1 s to 15 min; without a usable one, 15 to 60 s at random."""
    asked = _asked_seconds((retry_after or "").strip())
    if asked is None or math.isnan(asked):
        return SystemRandom().uniform(15, 60)
    return min(max(asked, _SHORTEST_WAIT), _LONGEST_WAIT)


def _asked_seconds(header: str) -> float | None:
    try:
        return float(header)
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def complaint(document: object) -> tuple[str, dict[str, str]]:
    """The sentence of a 400 or 422 and one for each field, whatever shape `detail` (or `error`) has.

    A list of `{loc, msg}` names fields by the last word of `loc`; anything else becomes the sentence.
    """
    detail: Any = document
    if isinstance(document, Mapping):
        detail = next((document[key] for key in ("detail", "error", "message") if document.get(key)), "")
    if not isinstance(detail, list):
        return _sentence(detail), {}
    fields = {_field(entry): _sentence(entry) for entry in detail if isinstance(entry, Mapping) and _field(entry)}
    rest = [_sentence(entry) for entry in detail if not (isinstance(entry, Mapping) and _field(entry))]
    return " ".join(filter(None, rest))[:_LONGEST_SENTENCE], fields


def _field(entry: Mapping[str, Any]) -> str:
    loc = entry.get("loc")
    words = [part for part in loc if isinstance(part, str)] if isinstance(loc, list) else []
    return words[-1][:100] if words and words[-1] != "body" else ""


def _sentence(detail: object) -> str:
    if isinstance(detail, Mapping):
        detail = next((detail[key] for key in ("msg", "message", "detail") if detail.get(key)), "")
    return detail.strip()[:_LONGEST_SENTENCE] if isinstance(detail, str) else ""
