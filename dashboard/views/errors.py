"""The pages for when something is wrong, in plain words. They are the handlers named in `dashboard.urls`."""

import re
import sys
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render
from django.template.loader import render_to_string

from dashboard import logs
from dashboard.web import full_disk

_HOST = re.compile(r"[\w.-]{1,253}(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?")
_ORIGIN = re.compile(rf"https?://({_HOST.pattern})")
BARE_PAGE = """<!doctype html><html lang="en-GB"><title>Something went wrong · Likeness</title>
<h1>Something went wrong on our side</h1><p>Nothing you typed caused this. Please try again in a minute.</p>"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what the browser sent cannot be read; or what the exception says, when it was not even looked at."""
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    # Whoever refuses a request before it is read may say why.
    if isinstance(exception, DisallowedHost):
        host = request.META.get("HTTP_HOST", "")
        asked = host if _HOST.fullmatch(host) else ""
        name = asked.rpartition(":")[0] if re.search(r":\d+$", asked) else asked
        return render(request, "errors/400_host.html", {"host": asked, "host_name": name}, status=400)
    shown = {"too_much": too_much, "sentence": getattr(exception, "sentence", "")}
    return render(request, "errors/400.html", shown, status=getattr(exception, "status", 400))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person's role is not enough."""
    return render(request, "errors/403.html", status=403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's CSRF token is missing or old, as after signing in or out in another tab; or the browser's address
    is not ours, as behind a proxy of which nobody told us."""
    origin = request.headers.get("Origin", "")
    is_elsewhere = reason.startswith(REASON_BAD_ORIGIN.partition("%")[0]) and _ORIGIN.fullmatch(origin)
    return render(request, "errors/403_form.html", {"origin": origin if is_elsewhere else ""}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it does not exist, or belongs to somebody else; the two look the same."""
    return render(request, "errors/404.html", status=404)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too many tries."""
    return render(request, "errors/429.html", status=429)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """500, without asking the database or the request for anything: either may be what is broken. 507 when
    the disk is full."""
    status = 507 if full_disk.is_reason(sys.exc_info()[1]) else 500
    try:
        page: str = render_to_string(f"errors/{status}.html", {"request_id": logs.request_id.get()})
    except ValueError:  # WhiteNoise's manifest lacks a file that the page's head names.
        page = BARE_PAGE
    return HttpResponse(page, status=status)
