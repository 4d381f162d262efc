"""Photo sets put away, copied and split."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status
from jobs.forms.consent import SplitForm
from jobs.models import PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import change_photo_set, copy_photo_set

PAGE_SIZE = 60


@require_safe
@access.members(Role.VIEWER)
def archived(request: MemberRequest) -> HttpResponse:
    """The sets that were put out of the way, newest first."""
    page = Paginator(request.workspace.photo_sets.archived(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "photo_sets/archived.html", {"page": page})


@require_POST
@access.members(Role.EDITOR)
def archive(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Put a set out of the way, with an offer to undo it."""
    put_away = present(request, photo_set_id)
    change_photo_set.archive(put_away, request.user)
    undo = reverse("photo_set_unarchive", args=[request.workspace.slug, put_away.pk])
    messages.success(request, f"“{put_away.name}” is in the archive.", extra_tags=f"undo:{undo}")
    return redirect("photo_sets", request.workspace.slug)


@require_POST
@access.members(Role.EDITOR)
def unarchive(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Put a set back on the list."""
    put_back = present(request, photo_set_id)
    change_photo_set.unarchive(put_back, request.user)
    return redirect("photo_set", request.workspace.slug, put_back.pk)


@require_POST
@access.members(Role.EDITOR)
def copy(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Make a second set of the same photos."""
    try:
        made = copy_photo_set.copy(present(request, photo_set_id), request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
        return redirect("photo_set", request.workspace.slug, photo_set_id)
    messages.success(request, "This is the copy. Its photos take no extra room.")
    return redirect("photo_set", request.workspace.slug, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def split(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Choose photos, which become a set of their own."""
    photo_set = present(request, photo_set_id)
    if not photo_set.may_be_deleted_by(request.membership):
        raise PermissionDenied
    photos = list(photo_set.photos.ready().in_order())
    form = SplitForm([photo.pk for photo in photos], request.POST or None, initial={"name": f"{photo_set.name[:78]} 2"})
    if request.method == "POST" and form.is_valid():
        made = copy_photo_set.split(photo_set, request.user, form.cleaned_data["name"], form.cleaned_data["photos"])
        return redirect("photo_set", request.workspace.slug, made.pk)
    chosen = {pk for pk in form["photos"].value() or [] if isinstance(pk, str)}
    shown = {"form": form, "photo_set": photo_set, "photos": photos, "chosen": chosen}
    return render(request, "photo_sets/split.html", shown, status=form_status(request, form))


def present(request: MemberRequest, photo_set_id: int) -> PhotoSet:
    """The set of the request's workspace, unless it was deleted."""
    found: PhotoSet = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    found.workspace = request.workspace
    return found
