"""Photo sets: all of them, a new one, and each one's page."""

from urllib.parse import urlencode

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
from jobs import page_polling
from jobs.forms.photo_set import PhotoSetForm
from jobs.models import PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import change_photo_set, make_photo_set
from jobs.views.photo_set_page import changed_parts, whole_page

PAGE_SIZE = 60


@require_safe
@access.members(Role.VIEWER)
def photo_sets(request: MemberRequest) -> HttpResponse:
    """All sets, newest first."""
    page = Paginator(request.workspace.photo_sets.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "photo_sets/photo_sets.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new(request: MemberRequest) -> HttpResponse:
    """Name a new set; its page then takes the photos."""
    form = PhotoSetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = make_photo_set.make(request.workspace, request.user, **form.cleaned_data)
        return redirect("photo_set", request.workspace.slug, made.pk)
    return render(request, "photo_sets/new.html", {"form": form}, status=form_status(request, form))


@require_POST
@access.members(Role.EDITOR)
def samples(request: MemberRequest) -> HttpResponse:
    """The set of sample photos; with `then=train`, straight on to training on it and to the first pictures."""
    try:
        made = make_photo_set.make_from_samples(request.workspace, request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
        return redirect("photo_sets", request.workspace.slug)
    if request.POST.get("then") == "train":
        training = reverse("new_training", args=[request.workspace.slug])
        return redirect(f"{training}?{urlencode({'photo_set': made.pk, 'ideas': 1})}")
    return redirect("photo_set", request.workspace.slug, made.pk)


@require_safe
@access.members(Role.VIEWER)
def photo_set(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """A set's photos."""
    return render(request, "photo_sets/photo_set.html", whole_page(request, _present(request, photo_set_id)))


@require_safe
@access.members(Role.VIEWER)
def changes(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """The photos that changed since the asking page last heard from us."""
    if page_polling.may_rest(request):
        return page_polling.nothing()
    shown = _present(request, photo_set_id)
    changed = shown.photos.changed_since(page_polling.since(request)).in_order()
    return render(request, "photo_sets/_changes.html", changed_parts(request, shown, changed))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def rename(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Change a set's name and what it shows."""
    changed = _present(request, photo_set_id)
    form = PhotoSetForm(request.POST or None, initial={"name": changed.name, "subject": changed.subject})
    if request.method == "POST" and form.is_valid():
        change_photo_set.rename(changed, **form.cleaned_data)
        return redirect("photo_set", request.workspace.slug, photo_set_id)
    return render(
        request, "photo_sets/rename.html", {"form": form, "photo_set": changed}, status=form_status(request, form)
    )


@require_POST
@access.members(Role.EDITOR)
def delete(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take a set away, with an offer to undo it."""
    deleted = _deletable(request, _present(request, photo_set_id))
    change_photo_set.delete(deleted, request.user)
    undo = reverse("photo_set_restore", args=[request.workspace.slug, deleted.pk])
    messages.success(request, f"“{deleted.name}” deleted.", extra_tags=f"undo:{undo}")
    return redirect("photo_sets", request.workspace.slug)


@require_POST
@access.members(Role.EDITOR)
def restore(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Bring a deleted set back."""
    found = _deletable(request, get_object_or_404(request.workspace.photo_sets, pk=photo_set_id))
    try:
        change_photo_set.restore(found, request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
        return redirect("photo_sets", request.workspace.slug)
    return redirect("photo_set", request.workspace.slug, found.pk)


def _present(request: MemberRequest, photo_set_id: int) -> PhotoSet:
    found: PhotoSet = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    found.workspace = request.workspace
    return found


def _deletable(request: MemberRequest, found: PhotoSet) -> PhotoSet:
    if not found.may_be_deleted_by(request.membership):
        raise PermissionDenied
    return found
