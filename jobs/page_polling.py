"""How an open page learns that something changed: it asks one address again and again, and mostly hears "nothing".

The address carries the version that the page shows (`since`) and a polling token: that we gave it, and when, to this
session for this workspace. While the token is good, `nothing_new` answers from one read of Redis, before sessions and
users are loaded. After `TOKEN_SECONDS` the view looks again at who is asking, so a member who was removed learns no
more than that nothing changed, for a minute at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.access import MemberRequest
from dashboard.numbers import whole_number
from jobs import versions

TOKEN_SECONDS = 60
PARAMETER = "poll_token"
BUSY_SECONDS = 2.5
QUIET_SECONDS = 5.0


@dataclass(frozen=True)
class Poller:
    """What `_poller.html` shows: the *address* to ask and how many *seconds* apart."""

    address: str
    seconds: float


def poller(
    request: MemberRequest,
    url_name: str,
    *args: object,
    since: int,
    busy: bool,
    query: Mapping[str, str | int] | None = None,
) -> Poller:
    """A poller for a page that shows version *since*; *busy* while something runs that people wait for."""
    address = poll_address(request, url_name, *args, since=since, query=query)
    return Poller(address, BUSY_SECONDS if busy else QUIET_SECONDS)


def poll_address(
    request: MemberRequest,
    url_name: str,
    *args: object,
    since: int,
    query: Mapping[str, str | int] | None = None,
) -> str:
    """The address of *url_name* in the request's workspace, with *since*, *query* and a fresh polling token."""
    path = reverse(url_name, args=[request.workspace.slug, *args])
    workspace = str(request.workspace.pk)
    given_to = _given_to(path, workspace, request)
    token = _signer().sign(given_to).removeprefix(f"{given_to}:")
    parts = {**(query or {}), "since": since, "workspace": workspace, PARAMETER: token}
    return f"{path}?{urlencode(parts)}"


def since(request: HttpRequest) -> int:
    """The version that the asking page shows; 0, which is older than all, when it makes no sense."""
    return _number(request.GET.get("since", ""))


def is_unchanged(request: HttpRequest) -> bool:
    """Whether the token holds and Redis knows that nothing changed. Needs no session, no user and no database."""
    return _is_token_good(request) and versions.known(_number(request.GET["workspace"])) == since(request)


def may_rest(request: MemberRequest) -> bool:
    """Whether a view can answer `nothing()`: the database knows no change and the address is still good."""
    return _is_token_good(request) and request.workspace.version == since(request)


def nothing() -> HttpResponse:
    """Nothing new: htmx leaves the page alone and the page asks again."""
    response = HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    del response["Content-Type"]
    return response


def _is_token_good(request: HttpRequest) -> bool:
    given_to = _given_to(request.path, request.GET.get("workspace", ""), request)
    try:
        _signer().unsign(f"{given_to}:{request.GET.get(PARAMETER, '')}", max_age=TOKEN_SECONDS)
    except BadSignature:
        return False
    return True


def _given_to(path: str, workspace: str, request: HttpRequest) -> str:
    """What is signed. The asker repeats all of it, so the token itself is only its time and its signature."""
    return "\n".join((path, workspace, request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")))


@cache
def _signer() -> TimestampSigner:
    return TimestampSigner(salt="jobs.page_polling")


def _number(text: str) -> int:
    return whole_number(text) or 0
