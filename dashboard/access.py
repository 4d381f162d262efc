"""Who may open which address: every view declares one policy, and the policy is what enforces it.

`members(role)` is for pages of a workspace: it puts the membership and the workspace on the request, so that views
fetch from the workspace outward (`get_object_or_404(request.workspace.jobs.present(), pk=…)`). What belongs to
another workspace and what does not exist look the same: 404. `everybody`, `signed_in` and `staff` are for the rest.
A test walks the URL configuration and fails on a view without a policy.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from dashboard.models import Membership, Role, User, Workspace

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_policies: dict[Callable[..., Any], str] = {}

SIGNED_OUT = (
    "You were signed out meanwhile, and nothing was sent. Sign in, and you are back on that page; the draft of an "
    "order is kept."
)
THIRD_PARTY_POLICIES = {"admin": "staff"}
"""The policies of views that libraries bring and enforce themselves, by URL name or namespace."""


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


class MemberRequest(SignedInRequest):
    """A request of a member, for a page of the workspace that its address names."""

    memberships: list[Membership]
    """All that the person has, by name: the frame around every page lists their workspaces."""
    membership: Membership
    workspace: Workspace


def policy_of(view: Callable[..., Any]) -> str | None:
    """The policy that *view* declares, looking through decorators; None when it declares none."""
    seen: Callable[..., Any] | None = view
    while seen is not None:
        if seen in _policies:
            return _policies[seen]
        seen = getattr(seen, "__wrapped__", None)
    return None


def everybody(view: View[P]) -> View[P]:
    """Anyone, signed in or not."""
    _policies[view] = "everybody"
    return view


def signed_in(view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Anyone with an account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return view(cast("SignedInRequest", request), *args, **kwargs)

    _policies[guarded] = "signed in"
    return guarded


def staff(view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """People who look after the server; for everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        if not request.user.is_staff:
            raise Http404
        return view(cast("SignedInRequest", request), *args, **kwargs)

    _policies[guarded] = "staff"
    return guarded


def members(
    role: Role,
) -> Callable[[Callable[Concatenate[MemberRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Members of the workspace named by the address's `workspace` part, whose role includes *role*.

    A stranger gets 404, a member whose role is not enough 403.
    """

    def decorate(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, workspace: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            member = cast("MemberRequest", request)
            member.memberships = memberships_of(request.user)
            member.membership = _in_workspace(member.memberships, workspace)
            member.workspace = member.membership.workspace
            if not member.membership.may(role):
                raise PermissionDenied
            return view(member, *args, **kwargs)

        _policies[guarded] = f"members: {role}"
        return guarded

    return decorate


def memberships_of(user: User) -> list[Membership]:
    """The memberships of *user* by name, with their workspaces loaded."""
    mine = Membership.objects.select_related("workspace").filter(user=user)
    return sorted(mine, key=lambda membership: (membership.workspace.name, membership.workspace_id))


def _in_workspace(memberships: list[Membership], slug: str) -> Membership:
    found = next((membership for membership in memberships if membership.workspace.slug == slug), None)
    if found is None:
        raise Http404
    return found


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Send somebody to sign in and back, from a form to its page, where the draft waits.

    An htmx request leaves its page instead of swapping the sign-in form into it.
    """
    is_by_htmx = request.headers.get("HX-Request") == "true"
    if is_by_htmx or (request.method != "GET" and request.accepts("text/html")):
        messages.info(request, SIGNED_OUT)
    if is_by_htmx:
        return HttpResponseClientRedirect(redirect_to_login(_own_path(request.headers.get("HX-Current-URL", ""))).url)
    if request.method == "GET":
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(_own_path(request.headers.get("Referer", "")))


def _own_path(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:  # a header can say anything, `http://[` too
        path = ""
    return path if path.startswith("/") and not path.startswith("//") else reverse("home")
