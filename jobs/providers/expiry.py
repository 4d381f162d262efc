"""When a result is deleted at a provider, as far as its address or a time that is told says so."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_LONGEST = timedelta(days=31)


def signed_until(url: str) -> datetime | None:
    """When the signature of *url* ends, as Google and Amazon write it into the query; None for an unsigned address."""
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query, max_num_fields=50)}
    except ValueError:
        return None
    for vendor in ("x-goog", "x-amz"):
        begun, seconds = query.get(f"{vendor}-date", ""), query.get(f"{vendor}-expires", "")
        if _STAMP.fullmatch(begun) and seconds.isdecimal() and len(seconds) < 9:
            return later(_stamp(begun), timedelta(seconds=int(seconds)))
    return None


def moment(text: object) -> datetime | None:
    """A time that a provider tells; where it names no zone, UTC is meant."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _stamp(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def later(start: datetime | None, span: timedelta) -> datetime | None:
    """*span* after *start*; None where either makes no sense."""
    try:
        return start + span if start and span <= _LONGEST else None
    except OverflowError:
        return None
