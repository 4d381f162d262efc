"""How people get in: the door, the first visit, invitations, signing in and out, and passwords."""

from collections.abc import Callable

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.forms.people import FirstRunForm, JoinForm, WorkspaceForm
from dashboard.models import Invitation, Membership, User
from dashboard.operations import invitations, workspaces
from dashboard.views.errors import too_many
from dashboard.web import rate_limit
from dashboard.web.answers import form_status
from dashboard.web.client_address import address_of

JOINS = 20
"""Accounts that may be tried with one invitation, and from one address, in five minutes: each hashes a password."""
ADDRESS_TAKEN = "This address cannot be used for a new account. If it is yours, sign in and open the link again."


@require_safe
@access.everybody
def home(request: HttpRequest) -> HttpResponse:
    """The first run, the sign-in page, or the jobs of the workspace that the person looked at last."""
    if not request.user.is_authenticated:
        return redirect("account_login" if workspaces.is_set_up() else "first_run")
    mine = request.user.workspaces.order_by("-memberships__id")
    last = mine.filter(slug=request.session.get("workspace", "")).first() or mine.first()
    return redirect("jobs", last.slug) if last else redirect("workspace_new")


@require_http_methods(["GET", "HEAD", "POST"])
@access.signed_in
def workspace_new(request: SignedInRequest) -> HttpResponse:
    """A workspace of one's own."""
    form = WorkspaceForm(request.POST or None)
    if form.is_valid():
        workspace = workspaces.create(form.cleaned_data["name"], request.user)
        return redirect("jobs", workspace.slug)
    return render(request, "home/workspace_new.html", {"form": form}, status=form_status(request, form))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.everybody
def first_run(request: HttpRequest) -> HttpResponse:
    """The first visitor becomes the owner; from then on this page does not exist."""
    if workspaces.is_set_up():
        raise Http404
    form = FirstRunForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/first_run.html", {"form": form}, status=form_status(request, form))
    try:
        user, workspace = workspaces.set_up(**form.cleaned_data)
    except workspaces.AlreadySetUp as error:
        raise Http404 from error
    login(request, user)
    return redirect("jobs", workspace.slug)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.everybody
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Open an invitation: with the account one is signed in with, or with a new one."""
    invitation = invitations.find_open(token)
    if invitation is None:
        return _closed(request)
    try:
        if request.user.is_authenticated:
            return _join_as(request, invitation, request.user)
        return _join_as_new(request, invitation)
    except invitations.InvitationClosed:
        return _closed(request)


def _join_as(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    workspace = invitation.workspace
    if Membership.objects.filter(workspace=workspace, user=user).exists():
        messages.info(
            request, f"You are already a member of {workspace}. The invitation is still good for somebody else."
        )
        return redirect("jobs", workspace.slug)
    if request.method != "POST":
        return render(request, "account/join_signed_in.html", {"invitation": invitation})
    invitations.accept(invitation, user)
    return redirect("jobs", workspace.slug)


def _join_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"email": invitation.email})
    if form.is_bound:
        who, which = address_of(request), invitation.pk
        tries = rate_limit.within(f"join:{which}", JOINS, seconds=300)
        if not (rate_limit.within(f"join-from:{who}", JOINS, seconds=300) and tries):
            return too_many(request)
    if form.is_valid():
        try:
            membership = invitations.accept_as_new(invitation, **form.cleaned_data)
        except invitations.AddressTaken:
            form.add_error("email", ADDRESS_TAKEN)
        else:
            login(request, membership.user)
            return redirect("jobs", invitation.workspace.slug)
    shown = {"form": form, "invitation": invitation}
    return render(request, "account/join.html", shown, status=form_status(request, form))


def _closed(request: HttpRequest) -> HttpResponse:
    """The same page for a link that was used, taken back, ran out, or never was one."""
    return render(request, "account/join_closed.html", status=404)


def _answer(view: Callable[..., HttpResponseBase], request: HttpRequest, **kwargs: str) -> HttpResponseBase:
    """What allauth's *view* answers, with 400 for a form that it refuses."""
    response = view(request, **kwargs)
    if request.method == "POST" and response.status_code == 200:
        response.status_code = 400
    return response


@access.everybody
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; before the first visit there is nobody to sign in as."""
    if not request.user.is_authenticated and not workspaces.is_set_up():
        return redirect("first_run")
    return _answer(allauth_views.login, request)


@access.everybody
def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Django's admin has no sign-in page of its own: ours counts the tries."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise Http404
    wanted = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")


@access.everybody
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Whoever sits down at this computer next finds no pictures in its browser's cache."""
    response = _answer(allauth_views.logout, request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@access.everybody
def sign_up(request: HttpRequest) -> HttpResponseBase:
    """Says that accounts come with an invitation."""
    return _answer(allauth_views.signup, request)


@access.everybody
def inactive(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.account_inactive, request)


@access.signed_in
def change_password(request: SignedInRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_change, request)


@access.everybody
def forgotten_password(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset, request)


@access.everybody
def forgotten_password_sent(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_done, request)


@access.everybody
def new_password(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_from_key, request, uidb36=uidb36, key=key)


@access.everybody
def new_password_done(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_from_key_done, request)
