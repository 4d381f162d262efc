"""What a provider's refusal means: from HTTP status and body to one of our errors."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import Any

from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit, NotThere, Refused, TooMany
from jobs.providers.kit.replies import mapping

REFUSALS: Mapping[int, type[Refused]] = {
    400: InvalidOrder,
    401: KeyRefused,
    403: NoCredit,
    404: NotThere,
    422: InvalidOrder,
    429: TooMany,
}
"""What each status means that proves that nothing was accepted; after any other, a paid request may have been.

A provider whose contract documents more has a table of its own (`Provider.refusals`). Out of this one stays what sounds
like a refusal, but where neither dreamlook nor RunPod documents that nothing was begun:

402       reserved by RFC 9110 and so without a meaning; a service may take an order first and look for credit then
409       also the answer to an order that is there already
413, 415  any server on the way answers so, whether or not the one behind it has begun
"""
WILL_NOT_TAKE = "will not take these values."
"""What is said of a provider that said no more than that."""
_SENTENCES = {
    KeyRefused: "{} did not accept this key.",
    NoCredit: "{} does not allow this; usually the account has not enough credit left.",
    NotThere: "{} does not know what we asked for.",
    Refused: "{} refused this.",
}

_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 900.0
_LONGEST_SENTENCE = 500
_ASIDE = frozenset({"photos", "base_model", "checkpoint_id"})
"""What an order says outside of its `Param`s and a form shows all the same."""


def refusal(
    means: type[Refused], label: str, retry_after: str | None, document: object, raw: str, sent: Collection[str] = ()
) -> Refused:
    """The error for an answer that *means* a refusal. *document* is the body, parsed and redacted, or None; *raw* its
    redacted text; *sent* the names of the fields of our request."""
    if means is TooMany:
        return TooMany(f"{label} was asked too often.", wait=wait_seconds(retry_after), raw=raw)
    if means is InvalidOrder:
        sentence, fields = complaint(document, sent)
        return InvalidOrder(sentence or f"{label} {WILL_NOT_TAKE}", fields=fields, raw=raw)
    return means(_SENTENCES[means].format(label), raw=raw)


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


def complaint(document: object, sent: Collection[str] = ()) -> tuple[str, dict[str, str]]:
    """The sentence of a 400 or 422 and one for each field, whatever shape `detail` (or `error`) has.

    A list of `{loc, msg}` names fields by the last word of `loc` that was *sent*, or else by its last word (validators
    add the type they tried: `["body", "steps", "int"]`); anything else becomes the sentence.
    """
    detail: Any = document
    if isinstance(document, Mapping):
        detail = next((document[key] for key in ("detail", "error", "message") if document.get(key)), "")
    if not isinstance(detail, list):
        return _sentence(detail), {}
    fields: dict[str, str] = {}
    rest = []
    for entry in detail:
        loc = mapping(entry).get("loc")
        words = [part for part in loc if isinstance(part, str) and part != "body"] if isinstance(loc, list) else []
        if field := ([word for word in words if word in sent] or words or [""])[-1][:100]:
            fields.setdefault(field, _sentence(entry))
        else:
            rest.append(_sentence(entry))
    return " ".join(filter(None, rest))[:_LONGEST_SENTENCE], fields


def in_our_words(
    error: InvalidOrder, label: str, params: Collection[str], renamed: Mapping[str, str] | None = None
) -> InvalidOrder:
    """*error* with what our form has beside its fields, and everything else in its sentence.

    *params* are the names of the provider's `Param`s; *renamed* says what our form calls its other fields.
    """
    known = {*params, *_ASIDE}
    named = {(renamed or {}).get(name, name): said for name, said in error.fields.items()}
    rest = [f"{name}: {said}" for name, said in named.items() if name not in known]
    fields = {name: said or f"{label} does not take this." for name, said in named.items() if name in known}
    return InvalidOrder(" ".join([error.sentence, *rest]), fields=fields, raw=error.raw)


def _sentence(detail: object) -> str:
    if isinstance(detail, Mapping):
        detail = next((detail[key] for key in ("msg", "message", "detail") if detail.get(key)), "")
    return detail.strip()[:_LONGEST_SENTENCE] if isinstance(detail, str) else ""
