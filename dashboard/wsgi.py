"""The WSGI application that the web server loads, the request, held to what its head announces, and the answer.

The server waits for slow clients for ever and keeps a thread for each, so both are bounded (`dashboard.web.places`).
"""

import io
import os
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from dashboard.web.places import BODIES, Asker, asker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

SILENCE = 10.0
"""Seconds within which a body must arrive, or the next PIECE of a long one."""
PIECE = 1 << 16
UNREAD_SECONDS = 30
"""For so long an answer may wait for somebody who reads nothing of it (Linux)."""
_UTF_8 = {"utf-8", "utf8"}


class TooSlow(BadRequest):
    """A body that nobody goes on sending. The *sentence* is for people."""

    sentence = "This arrived too slowly to be read. Nothing was changed. Send it again."
    status = 408


class WholeBody(io.RawIOBase):
    """A body that is read to its announced end or not at all.

    A connection that broke looks to Django like a form with fewer fields, and a form with fewer fields can be an
    order: what is missing has its default.
    """

    def __init__(self, stream: BinaryIO, length: int, asker: Callable[[], Asker]) -> None:
        self._stream, self._left, self._asker = stream, length, asker

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        pieces: SimpleQueue[bytes] = SimpleQueue()
        who = self._asker()
        BODIES.take(who)
        # The server's own reading has no time limit. When we answer without the rest, it closes the connection, and
        # that ends the thread, which holds the place until then.
        Thread(target=self._fetch, args=(wanted, who, pieces.put), daemon=True).start()
        found = b""
        while len(found) < wanted:
            try:
                piece = pieces.get(timeout=SILENCE)
            except Empty:
                raise TooSlow(TooSlow.sentence) from None
            if not piece:
                raise BadRequest("The request was cut off.")
            found += piece
        self._left -= wanted
        return found

    def _fetch(self, wanted: int, who: Asker, put: Callable[[bytes], None]) -> None:
        try:
            while wanted and (piece := self._stream.read(min(wanted, PIECE))):
                wanted -= len(piece)
                if not wanted:
                    BODIES.give_back(who)
                put(piece)
        finally:
            if wanted:
                BODIES.give_back(who)
                put(b"")


class Request(WSGIRequest):
    """Django's request, for our web server."""

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["CONTENT_TYPE"] = _readable(environ.get("CONTENT_TYPE", ""))
        super().__init__(environ)
        limited: Any = self._stream
        self._stream = cast("BinaryIO", WholeBody(limited, limited.limit, lambda: asker(self)))


def _readable(content_type: str) -> str:
    """*content_type*, or none: Django 5.2 raises over a bad one before anything catches errors, and reads addresses and
    forms in whatever it names, be that rot13 or zip. Browsers send forms in UTF-8 alone. No encoding is looked up by a
    name that a stranger gave: Python remembers each that it does not know, for ever."""
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:
        return ""
    return content_type if parameters.get("charset", "utf-8").lower() in _UTF_8 else ""


class Application(WSGIHandler):
    """Django's application, which hands an answer to our web server in one piece where it can.

    What is given as a list the server sends by itself; while it goes through anything else it keeps a thread.
    """

    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:  # type: ignore[override] # any iterable will do
        response: Any = super().__call__(environ, start_response)
        if response.streaming:
            return cast("Iterable[bytes]", response)
        response.close()
        return [response.content]


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

get_wsgi_application()
application = Application()


def begin() -> WSGIHandler:
    """The application, once it is certain that this version and these keys may work on this data."""
    from dashboard.operations import starting

    starting.check()
    _give_up_on_who_never_reads()
    return application


def _give_up_on_who_never_reads() -> None:
    """Set a time limit for answers at the socket that the web server listens at; each connection has it from there."""
    if sys.platform != "linux":
        return
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as ours:
            if ours.family != socket.AF_UNIX and ours.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
