"""What happens around every request."""

import logging
import re
import secrets
import weakref
from collections.abc import Callable, Iterator

from django.contrib.admin.views.main import ERROR_FLAG
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import has_vary_header

from dashboard import logs
from dashboard.web.places import STREAMS, Asker, Busy, asker

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_log = logging.getLogger(__name__)
IN_ONE_PIECE = 2 << 20
"""Files up to so many bytes are read at once and sent by the web server itself; larger ones hold a place."""
_PLAUSIBLE = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id(get_response: GetResponse) -> GetResponse:
    """Name each request, or keep the name a proxy gave it; the answer and every line logged for it say the name."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        name = offered if _PLAUSIBLE.fullmatch(offered) else secrets.token_hex(8)
        token = logs.request_id.set(name)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = name
        return response

    return middleware


def slow_readers(get_response: GetResponse) -> GetResponse:
    """Let whoever fetches a file slowly keep no thread from others (`dashboard.web.places`)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, StreamingHttpResponse):
            return response
        if int(response.headers.get("Content-Length", IN_ONE_PIECE + 1)) <= IN_ONE_PIECE:
            return _InOnePiece(response)
        who = asker(request)
        try:
            STREAMS.take(who)
        except Busy:
            response.close()
            raise
        response.streaming_content = _Held(iter(response), who)
        return response

    return middleware


class _InOnePiece(HttpResponse):
    """A *streamed* answer, read to its end. That the request is over it says once, as the streamed one would have."""

    def __init__(self, streamed: StreamingHttpResponse) -> None:
        super().__init__(b"".join(streamed), status=streamed.status_code, headers=streamed.headers)
        self.cookies, self._streamed = streamed.cookies, streamed

    def close(self) -> None:
        self._streamed.close()


class _Held:
    """The pieces of an answer, with the place that it holds until it is closed."""

    def __init__(self, pieces: Iterator[bytes], who: Asker) -> None:
        self._pieces = pieces
        self._give_back = weakref.finalize(self, STREAMS.give_back, who)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._give_back()


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep a page that was made for one person out of caches that others are answered from.

    The browser may keep it to go back to, but asks before it shows it anew: after signing out it gets the sign-in page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if has_vary_header(response, "Cookie") and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-cache"
        return response

    return middleware


def remember_workspace(get_response: GetResponse) -> GetResponse:
    """Keep in the session which workspace somebody looked at last, so that the next visit opens it.

    Only a page that was asked for by hand counts: two tabs that refresh themselves must not write in turns.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        workspace = getattr(request, "workspace", None)
        by_hand = request.method == "GET" and "HX-Request" not in request.headers
        if workspace is not None and by_hand and request.session.get("workspace") != workspace.slug:
            request.session["workspace"] = workspace.slug
        return response

    return middleware


class ImpossibleFilters:
    """Answer a filter typed into the admin panel's address that no database can look for as Django answers any other
    that makes no sense: with the list and a line that says so. Years and numbers too large get past Django's own look.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        is_filtered_list = request.method in {"GET", "HEAD"} and request.GET and ERROR_FLAG not in request.GET
        if isinstance(error, OverflowError | ValueError) and is_filtered_list and _is_in_admin(request):
            _log.warning("A filter of the admin panel makes no sense.", exc_info=error)
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return None


def _is_in_admin(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.app_name == "admin"
