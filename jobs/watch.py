"""How an open page learns that something changed: it asks one address again and again, and mostly hears "nothing".

The address carries the version that the page shows (`since`), a time (`until`) and a proof that we gave it to this
session for this workspace. While the proof is good, `nothing_new` answers from one read of Redis, before sessions and
users are loaded. After `PROOF_SECONDS` the view looks again at who is asking, so a member who was removed learns no
more than that nothing changed, for a minute at most.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.access import MemberRequest
from jobs import versions

PROOF_SECONDS = 60
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
    """The address of *url_name* in the request's workspace, with *since*, *query* and a fresh proof."""
    path = reverse(url_name, args=[request.workspace.slug, *args])
    workspace, until = str(request.workspace.pk), str(int(time.time()) + PROOF_SECONDS)
    proof = _proof(path, workspace, until, _session(request))
    parts = {**(query or {}), "since": since, "workspace": workspace, "until": until, "proof": proof}
    return f"{path}?{urlencode(parts)}"


def since(request: HttpRequest) -> int:
    """The version that the asking page shows; 0, which is older than all, when it makes no sense."""
    return _number(request.GET.get("since", ""))


def is_unchanged(request: HttpRequest) -> bool:
    """Whether the proof holds and Redis knows that nothing changed. Needs no session, no user and no database."""
    return _proven(request) and versions.known(_number(request.GET["workspace"])) == since(request)


def may_rest(request: MemberRequest) -> bool:
    """Whether a view can answer `nothing()`: the database knows no change and the address is still good."""
    return _proven(request) and request.workspace.version == since(request)


def nothing() -> HttpResponse:
    """Nothing new: htmx leaves the page alone and the page asks again."""
    response = HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    del response["Content-Type"]
    return response


def _proven(request: HttpRequest) -> bool:
    given = request.GET
    until = _number(given.get("until", ""))
    expected = _proof(request.path, given.get("workspace", ""), str(until), _session(request))
    proof = given.get("proof", "").encode(errors="replace")
    return until > time.time() and hmac.compare_digest(expected.encode(), proof)


def _proof(path: str, workspace: str, until: str, session: str) -> str:
    message = "\n".join((path, workspace, until, session)).encode(errors="replace")
    return hmac.digest(_key(), message, "sha256").hex()[:32]


@cache
def _key() -> bytes:
    return hashlib.sha256(b"jobs.watch" + settings.SECRET_KEY.encode()).digest()


def _session(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
