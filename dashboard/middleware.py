"""What happens around every request."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]

current_request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request being answered by this thread, for logs and for the page that asks people to quote it."""

_PLAUSIBLE = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id(get_response: GetResponse) -> GetResponse:
    """Name each request, or keep the name a proxy gave it, and say it in the answer."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        name = offered if _PLAUSIBLE.fullmatch(offered) else secrets.token_hex(8)
        token = current_request_id.set(name)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(token)
        response["X-Request-ID"] = name
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
