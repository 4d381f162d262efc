"""A request as the web server hands it over, held to what its head announces."""

import codecs
import io
from typing import Any, BinaryIO, cast

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class WholeBody(io.RawIOBase):
    """A body that is read to its announced end or not at all.

    A connection that broke looks to Django like a form with fewer fields, and a form with fewer fields can be an
    order: what is missing has its default.
    """

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        found = b""
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
    forms in whatever it names, be that rot13 or zip. Browsers send forms in UTF-8 alone."""
    try:
        _, parameters = parse_header_parameters(content_type)
        charset = codecs.lookup(parameters.get("charset", "utf-8")).name
    except (ValueError, LookupError):
        return ""
    return content_type if charset == "utf-8" else ""
