"""Fetching results: streamed, continued where they broke off, never more than allowed; and when a result is deleted."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx

from dashboard.numbers import whole_number
from jobs.providers.errors import NotThere, ProviderError, Refused, Unavailable
from jobs.providers.kit.network import PrivateAddress
from jobs.providers.reply import Download

_GONE = frozenset({400, 401, 403, 404, 410})
_NO_RESULTS = frozenset({"text/html", "text/xml", "application/xml", "application/xhtml+xml", "application/json"})
"""What is answered in the place of a picture or a model: error pages, which may even repeat our key."""
_LENGTH = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")


def open_download(
    client: httpx.Client, address: httpx.URL, *, limit_bytes: int, offset: int, validator: str
) -> Download:
    """Open *address* from byte *offset* on; see `GuardedClient.download`."""
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    if offset and validator:
        headers["If-Range"] = validator
    request = client.build_request("GET", address, headers=headers)
    try:
        response = client.send(request, stream=True)
    except httpx.HTTPError as error:
        raise _failure(error) from None
    try:
        start, total = _extent(response, offset)
        if total is not None and total > limit_bytes:
            raise Refused("The result is bigger than announced. It was not fetched.")
    except ProviderError:
        response.close()
        raise
    if response.status_code == 416:
        response.close()
        return Download(iter(()), start, total)
    chunks = _chunks(response, limit_bytes - start)
    next(chunks)
    # If-Range takes a strong ETag; a weak one or a date would not prove the same bytes.
    etag = str(response.headers.get("ETag", ""))
    return Download(chunks, start, total, etag if etag.startswith('"') else "")


def _failure(error: httpx.HTTPError) -> ProviderError:
    if isinstance(error.__cause__, PrivateAddress):
        return Refused("The result lies on an address that is not public. It was not fetched.")
    return Unavailable(f"The result could not be fetched just now ({type(error).__name__}).")


def _extent(response: httpx.Response, offset: int) -> tuple[int, int | None]:
    """Where the body starts and how long the whole file is. Raises when there is no body to read."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise Unavailable("The result came packed, which we did not ask for.")
    content_type = str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    if response.is_success and content_type in _NO_RESULTS:
        raise NotThere("The result is not there: a page came in its place.")
    if response.status_code == 200:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if _LENGTH.fullmatch(length) else None
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code == 416 and response.headers.get("Content-Range") == f"bytes */{offset}":
        return offset, offset  # Everything was here already; the body is an error page and is not read.
    if response.status_code == 206 and found and int(found[1]) == offset:
        return offset, None if found[2] == "*" else int(found[2])
    if response.status_code in _GONE:
        raise NotThere("The result is not there any more.")
    if 300 <= response.status_code < 400:
        raise Refused("The result points somewhere else. It was not fetched.")
    raise Unavailable(f"The result could not be fetched just now (status {response.status_code}).")


def _chunks(response: httpx.Response, room: int) -> Iterator[bytes]:
    """The body, after one empty chunk that starts the generator: closing or dropping it then closes the response."""
    try:
        yield b""
        for chunk in response.iter_raw():
            room -= len(chunk)
            if room < 0:
                raise Refused("The result is bigger than announced. It was not kept.")
            yield chunk
    except httpx.HTTPError as error:
        raise _failure(error) from None
    finally:
        response.close()


_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_LONGEST = timedelta(days=31)


def signed_until(url: str) -> datetime | None:
    """When the signature of *url* ends, as Google and Amazon write it into the query; None for an unsigned address."""
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query, max_num_fields=50)}
    except ValueError:
        return None
    for vendor in ("x-goog", "x-amz"):
        begun = query.get(f"{vendor}-date", "")
        seconds = whole_number(query.get(f"{vendor}-expires", ""), most=99_999_999)
        if _STAMP.fullmatch(begun) and seconds is not None:
            return later(_stamp(begun), timedelta(seconds=seconds))
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
