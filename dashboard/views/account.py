"""How accounts come to be: the very first visit, and invitations."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard import access
from dashboard.forms.people import FirstRunForm, JoinForm
from dashboard.models import Invitation, Membership, User
from dashboard.operations import first_run as first_visit
from dashboard.operations import invitations
from dashboard.web.answers import form_status

ADDRESS_TAKEN = "This address cannot be used for a new account. If it is yours, sign in and open the link again."


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.everybody
def first_run(request: HttpRequest) -> HttpResponse:
    """The first visitor becomes the owner; from then on this page does not exist."""
    if first_visit.is_done():
        raise Http404
    form = FirstRunForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/first_run.html", {"form": form}, status=form_status(request, form))
    try:
        user, workspace = first_visit.create_owner(**form.cleaned_data)
    except first_visit.AlreadyDone as error:
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
