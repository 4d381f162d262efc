"""Photo sets: all of them, a new one, and what is done with a whole one: put away, copied, split, filled, deleted."""

import secrets
from collections.abc import Sequence
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
from jobs.forms.lists import PagingForm, SelectionForm
from jobs.forms.photo_set import PhotoSetForm, SplitForm, nonce_of
from jobs.keyset import page_before
from jobs.models import PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import sets
from jobs.operations.photos.add_photo import Refusal
from jobs.pages.photo_set_page import changed_parts, whole_page

PAGE_SIZE = 60
PICTURES_SHOWN = 60
PICTURES_GONE = "These pictures are not there any more."


@require_safe
@access.members(Role.VIEWER)
def photo_sets(request: MemberRequest) -> HttpResponse:
    """All sets, newest first."""
    page = Paginator(request.workspace.photo_sets.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "photo_sets/photo_sets.html", {"page": page})


@require_safe
@access.members(Role.VIEWER)
def archived(request: MemberRequest) -> HttpResponse:
    """The sets that were put out of the way, newest first."""
    page = Paginator(request.workspace.photo_sets.archived(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "photo_sets/archived.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new(request: MemberRequest) -> HttpResponse:
    """Name a new set; its page then takes the photos."""
    form = PhotoSetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = sets.make(request.workspace, request.user, **form.cleaned_data)
        return redirect("photo_set", request.workspace.slug, made.pk)
    return render(request, "photo_sets/new.html", {"form": form}, status=form_status(request, form))


@require_POST
@access.members(Role.EDITOR)
def samples(request: MemberRequest) -> HttpResponse:
    """The set of sample photos; with `then=train`, straight on to training on it and to the first pictures."""
    try:
        made = sets.make_from_samples(request.workspace, request.user)
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
    return render(request, "photo_sets/photo_set.html", whole_page(request, present(request, photo_set_id)))


@require_safe
@access.members(Role.VIEWER)
def changes(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """The photos that changed since the asking page last heard from us."""
    if page_polling.may_rest(request):
        return page_polling.nothing()
    shown = present(request, photo_set_id)
    changed = shown.photos.changed_since(page_polling.since(request)).in_order()
    return render(request, "photo_sets/_changes.html", changed_parts(request, shown, changed))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def rename(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Change a set's name and what it shows."""
    changed = present(request, photo_set_id)
    form = PhotoSetForm(request.POST or None, initial={"name": changed.name, "subject": changed.subject})
    if request.method == "POST" and form.is_valid():
        sets.rename(changed, **form.cleaned_data)
        return redirect("photo_set", request.workspace.slug, photo_set_id)
    return render(
        request, "photo_sets/rename.html", {"form": form, "photo_set": changed}, status=form_status(request, form)
    )


@require_POST
@access.members(Role.EDITOR)
def delete(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take a set away, with an offer to undo it."""
    deleted = _deletable(request, present(request, photo_set_id))
    sets.delete(deleted, request.user)
    undo = reverse("photo_set_restore", args=[request.workspace.slug, deleted.pk])
    messages.success(request, f"“{deleted.name}” deleted.", extra_tags=f"undo:{undo}")
    return redirect("photo_sets", request.workspace.slug)


@require_POST
@access.members(Role.EDITOR)
def restore(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Bring a deleted set back."""
    found = _deletable(request, get_object_or_404(request.workspace.photo_sets, pk=photo_set_id))
    try:
        sets.restore(found, request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
        return redirect("photo_sets", request.workspace.slug)
    return redirect("photo_set", request.workspace.slug, found.pk)


@require_POST
@access.members(Role.EDITOR)
def archive(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Put a set out of the way, with an offer to undo it."""
    put_away = present(request, photo_set_id)
    sets.archive(put_away, request.user)
    undo = reverse("photo_set_unarchive", args=[request.workspace.slug, put_away.pk])
    messages.success(request, f"“{put_away.name}” is in the archive.", extra_tags=f"undo:{undo}")
    return redirect("photo_sets", request.workspace.slug)


@require_POST
@access.members(Role.EDITOR)
def unarchive(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Put a set back on the list."""
    put_back = present(request, photo_set_id)
    sets.unarchive(put_back, request.user)
    return redirect("photo_set", request.workspace.slug, put_back.pk)


@require_POST
@access.members(Role.EDITOR)
def copy(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Make a second set of the same photos."""
    try:
        made = sets.copy(present(request, photo_set_id), request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
        return redirect("photo_set", request.workspace.slug, photo_set_id)
    messages.success(request, "This is the copy. Its photos take no extra room.")
    return redirect("photo_set", request.workspace.slug, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def split(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Choose photos, which become a set of their own."""
    photo_set = _deletable(request, present(request, photo_set_id))
    photos = list(photo_set.photos.ready().in_order())
    form = SplitForm([photo.pk for photo in photos], request.POST or None, initial={"name": f"{photo_set.name[:78]} 2"})
    if request.method == "POST" and form.is_valid():
        made = sets.split(photo_set, request.user, form.cleaned_data["name"], form.cleaned_data["photos"])
        return redirect("photo_set", request.workspace.slug, made.pk)
    chosen = {pk for pk in form["photos"].value() or [] if isinstance(pk, str)}
    shown = {"form": form, "photo_set": photo_set, "photos": photos, "chosen": chosen}
    return render(request, "photo_sets/split.html", shown, status=form_status(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def pick(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Choose pictures, newest first, which become photos of the set."""
    photo_set = present(request, photo_set_id)
    if request.method != "POST":
        return _pick_page(request, photo_set)
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _pick_page(request, photo_set, [Refusal("", form.sentence)])
    images = list(request.workspace.generated_images.to_pick().filter(pk__in=form.cleaned_data["ids"]))
    photos, refusals = sets.pick(photo_set, images, nonce_of(request))
    if refusals or not photos:
        return _pick_page(request, photo_set, refusals or [Refusal("", PICTURES_GONE)], len(photos))
    messages.success(request, f"{len(photos)} picture{'s' if len(photos) > 1 else ''} added.")
    return redirect("photo_set", request.workspace.slug, photo_set.pk)


def _pick_page(
    request: MemberRequest, photo_set: PhotoSet, refusals: Sequence[Refusal] = (), added: int = 0
) -> HttpResponse:
    paging = PagingForm(request.GET)
    before = paging.cleaned_data["before"] if paging.is_valid() else None
    shown = {
        "photo_set": photo_set,
        "page": page_before(request.workspace.generated_images.to_pick(), before, PICTURES_SHOWN),
        "is_newest": before is None,
        "refusals": refusals,
        "added": added,
        "chosen": request.POST.getlist("id"),
        "nonce": secrets.token_urlsafe(16),
    }
    return render(request, "photo_sets/pick.html", shown, status=400 if refusals else 200)


def present(request: MemberRequest, photo_set_id: int) -> PhotoSet:
    """The set of the request's workspace, unless it was deleted."""
    found: PhotoSet = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    found.workspace = request.workspace
    return found


def _deletable(request: MemberRequest, found: PhotoSet) -> PhotoSet:
    if not found.may_be_deleted_by(request.membership):
        raise PermissionDenied
    return found
