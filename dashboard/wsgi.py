"""The WSGI application that the web server loads, and the request, held to what its head announces."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, BinaryIO, cast

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

READERS = 24
"""So many requests may wait for their bodies at once. The server has more threads (`dashboard.up.supervisor`), waits
for a body for ever, and keeps a thread for each: what is only read must stay open whoever sends slowly, or nothing."""
PATIENCE = 0.2
"""Seconds for which a request waits until it may wait for its body."""
_readers = BoundedSemaphore(READERS)
_UTF_8 = {"utf-8", "utf8"}


class Busy(BadRequest):
    """Too many bodies are on their way. The *sentence* is for people."""

    sentence = "Too much is being sent here just now. Wait a moment and send it again."
    status = 503


@contextmanager
def _a_reader() -> Iterator[None]:
    if not _readers.acquire(timeout=PATIENCE):
        raise Busy(Busy.sentence)
    try:
        yield
    finally:
        _readers.release()


class WholeBody(io.RawIOBase):
    """A body that is read to its announced end or not at all.

    A connection that broke looks to Django like a form with fewer fields, and a form with fewer fields can be an
    order: what is missing has its default.
    """

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        found = b""
        with _a_reader():
            while len(found) < wanted:
                more = self._stream.read(wanted - len(found))
                if not more:
                    raise BadRequest("The request was cut off.")
                found += more
        self._left -= wanted
        return found


class Request(WSGIRequest):
    """Django's request, for our web server."""

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["CONTENT_TYPE"] = _readable(environ.get("CONTENT_TYPE", ""))
        super().__init__(environ)
        limited: Any = self._stream
        self._stream = cast("BinaryIO", WholeBody(limited, limited.limit))


def _readable(content_type: str) -> str:
    """*content_type*, or none: Django 5.2 raises over a bad one before anything catches errors, and reads addresses and
    forms in whatever it names, be that rot13 or zip. Browsers send forms in UTF-8 alone. No encoding is looked up by a
    name that a stranger gave: Python remembers each that it does not know, for ever."""
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:
        return ""
    return content_type if parameters.get("charset", "utf-8").lower() in _UTF_8 else ""


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

application = get_wsgi_application()
application.request_class = Request


def begin() -> WSGIHandler:
    """The application, once it is certain that this version and these keys may work on this data."""
    from dashboard.operations import starting

    starting.check()
    return application
