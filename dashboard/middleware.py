"""What happens around every request."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import has_vary_header

from dashboard import logs

GetResponse = Callable[[HttpRequest], HttpResponseBase]

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
