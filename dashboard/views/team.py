"""The team page: members and their roles, invitations, and who did what."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.forms.people import ROLE_HINTS, InviteForm, RoleForm, WorkspaceSettingsForm
from dashboard.models import AuditEntry, Membership, Role
from dashboard.numbers import whole_number
from dashboard.operations import invitations, members, workspaces
from dashboard.web.answers import form_status, public_address

ENTRIES_SHOWN = 50


@dataclass(frozen=True)
class MemberRow:
    """A member as the page shows them: which of the row's buttons the person who looks may press."""

    membership: Membership
    is_you: bool
    removable: bool


@dataclass(frozen=True)
class NewInvitation:
    """A link that was made just now; it is shown this once. *told* is the address that it was sent to."""

    link: str
    told: str = ""


@require_safe
@access.members(Role.VIEWER)
def team(request: MemberRequest) -> HttpResponse:
    return _page(request)


@never_cache
@require_POST
@access.members(Role.ADMIN)
def invite(request: MemberRequest) -> HttpResponse:
    """Make an invitation and show its link, in this answer and never again."""
    form = InviteForm(request.membership, request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=form_status(request, form))
    role, email = form.cleaned_data["role"], form.cleaned_data["email"]
    try:
        invitation, token = invitations.invite(request.membership, role, email)
    except members.NotPossible as problem:
        return _refuse(request, str(problem))
    link = public_address(request, reverse("join", args=[token]))
    told = email if email and invitations.send(invitation, link) else ""
    if email and not told:
        messages.warning(request, "The e-mail could not be sent. Copy the link and send it yourself.")
    return _page(request, invited=NewInvitation(link, told))


@require_POST
@access.members(Role.ADMIN)
def revoke_invitation(request: MemberRequest, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(request.workspace.invitations, pk=invitation_id)
    invitations.revoke(invitation, request.user)
    messages.success(request, "The invitation was taken back. Its link no longer works.")
    return redirect("team", request.workspace.slug)


@require_POST
@access.members(Role.OWNER)
def change_role(request: MemberRequest, membership_id: int) -> HttpResponse:
    target = _member(request, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _refuse(request, "Choose one of the four roles.")
    try:
        members.change_role(target, form.cleaned_data["role"], request.membership)
    except members.NotPossible as problem:
        return _refuse(request, str(problem))
    messages.success(request, f"{target.user} is now {form.cleaned_data['role'].label.lower()}.")
    return redirect("team", request.workspace.slug)


@require_POST
@access.members(Role.OWNER)
def transfer(request: MemberRequest, membership_id: int) -> HttpResponse:
    target = _member(request, membership_id)
    try:
        members.transfer_ownership(target, request.membership)
    except members.NotPossible as problem:
        return _refuse(request, str(problem))
    messages.success(request, f"{target.user} owns the workspace now. You are an admin.")
    return redirect("team", request.workspace.slug)


@require_POST
@access.members(Role.ADMIN)
def remove_member(request: MemberRequest, membership_id: int) -> HttpResponse:
    target = _member(request, membership_id)
    try:
        members.remove(target, request.membership)
    except members.NotPossible as problem:
        return _refuse(request, str(problem))
    messages.success(request, f"{target.user} was removed. What they made stays here.")
    return redirect("team", request.workspace.slug)


@require_POST
@access.members(Role.VIEWER)
def leave(request: MemberRequest) -> HttpResponse:
    try:
        members.leave(request.membership)
    except members.NotPossible as problem:
        return _refuse(request, str(problem))
    messages.success(request, f"You left {request.workspace}.")
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def workspace_settings(request: MemberRequest) -> HttpResponse:
    workspace = request.workspace
    originals = "keep" if workspace.keep_originals else "delete"
    initial = {"name": workspace.name, "keep": workspace.keep, "originals": originals}
    form = WorkspaceSettingsForm(request.POST or None, initial=initial)
    if form.is_valid():
        workspaces.rename(workspace, form.cleaned_data["name"], request.user)
        workspaces.choose_what_to_keep(workspace, form.cleaned_data["keep"], request.user)
        workspaces.choose_originals(workspace, request.user, keep=form.cleaned_data["originals"])
        messages.success(request, "Saved.")
        return redirect("workspace_settings", request.workspace.slug)
    return render(request, "team/settings.html", {"form": form}, status=form_status(request, form))


def _member(request: MemberRequest, membership_id: int) -> Membership:
    return get_object_or_404(request.workspace.memberships.select_related("user", "workspace"), pk=membership_id)


def _refuse(request: MemberRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return _page(request, status=400)


def _page(
    request: MemberRequest, *, form: InviteForm | None = None, invited: NewInvitation | None = None, status: int = 200
) -> HttpResponse:
    you = request.membership
    may_invite = you.may(Role.ADMIN)
    highest_first = list(reversed(Role))
    everyone = sorted(
        request.workspace.memberships.select_related("user"),
        key=lambda one: (highest_first.index(Role(one.role)), str(one.user).casefold()),
    )
    rows = [MemberRow(one, one.pk == you.pk, one.pk != you.pk and members.may_remove(you, one)) for one in everyone]
    entries, older = _activity(request)
    shown = {
        "members": rows,
        "invitations": request.workspace.invitations.open().select_related("created_by").order_by("-id"),
        "form": form or InviteForm(you) if may_invite else None,
        "invited": invited,
        "entries": entries,
        "older": older,
        "roles": [(role, role.label, ROLE_HINTS[role]) for role in Role],
    }
    return render(request, "team/team.html", shown, status=status)


def _activity(request: MemberRequest) -> tuple[list[AuditEntry], int | None]:
    """The newest entries, or those before the one named in the address; and the id to go on from."""
    entries = request.workspace.audit_entries.order_by("-id")
    text = request.GET.get("before", "")
    before = whole_number(text) if text else None
    if text and before is None:
        raise BadRequest("before is not a number")
    page = list((entries.filter(pk__lt=before) if before else entries)[: ENTRIES_SHOWN + 1])
    return page[:ENTRIES_SHOWN], page[ENTRIES_SHOWN - 1].pk if len(page) > ENTRIES_SHOWN else None
