"""Stored files as downloads: never shown by the browser, and resumable from any byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from jobs.files import storage

CHUNK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


class Readable(Protocol):
    """A file that can be read from anywhere: a stored one, or one that is put together while it is read."""

    @property
    def size(self) -> int: ...
    def seek(self, offset: int, /) -> object: ...
    def read(self, most: int, /) -> bytes: ...
    def close(self) -> None: ...


@dataclass
class _Part:
    """The bytes of *file* from *start* up to *end*; closing it closes the file, read or not."""

    file: Readable
    start: int
    end: int

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.start)
        left = self.end - self.start
        while left > 0 and (chunk := self.file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()


def attachment(request: HttpRequest, name: str, filename: str, content_type: str) -> HttpResponseBase:
    """The file stored as *name*, to be saved as *filename*; one kept in a bucket is fetched from there.

    A single byte range is honoured, under `If-Range` too; files never change, so their SHA-256 is the ETag.
    Raises Http404 when the file is gone.
    """
    disposition = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    if "browser" in settings.STORAGES:
        parameters = {"ResponseContentDisposition": disposition, "ResponseContentType": content_type}
        bucket: Any = storages["browser"]
        return HttpResponseRedirect(bucket.url(name, parameters=parameters))
    response = _whole_or_part(request, _open(name), etag=f'"{PurePosixPath(name).stem}"')
    response["Content-Type"] = content_type
    response["Content-Disposition"] = disposition
    return response


def to_a_provider(request: HttpRequest, name: str, content_type: str) -> HttpResponseBase:
    """The file stored as *name* for a provider that may fetch it, always through us, so that this can end.

    A single byte range is honoured. Raises Http404 when the file is gone.
    """
    return read_by_a_provider(request, _open(name), PurePosixPath(name).stem, content_type)


def read_by_a_provider(request: HttpRequest, file: Readable, sha256: str, content_type: str) -> HttpResponseBase:
    """*file*, open and put together for a provider from what it may fetch; *sha256* is another one for other bytes."""
    response = _whole_or_part(request, file, etag=f'"{sha256}"')
    response["Content-Type"] = content_type
    response["Cache-Control"] = "private, no-store"
    return response


def _open(name: str) -> "File[bytes]":
    try:
        return storage.open(name)
    except FileNotFoundError:
        raise Http404 from None


def _whole_or_part(request: HttpRequest, file: Readable, etag: str) -> HttpResponseBase:
    size = file.size
    asked = _asked_range(request, size) if request.headers.get("If-Range", etag) == etag else None
    start, end = asked or (0, size)
    if start >= end and asked:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part, status = _Part(file, start, end), 206 if asked else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        part.close()
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(part, status=status)
    response["Content-Length"] = end - start
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    if asked:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _asked_range(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """The range asked for, as first byte and the one after the last; None for the whole file.

    Several ranges, and what is no range, are answered with the whole file, which RFC 9110 (14.2) allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if not last or int(first) <= int(last) else None
