"""Single photos: sent, deleted, brought back."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import delete_photo, take_captions
from jobs.operations.photos.add_photo import add
from jobs.operations.photos.inbox import Inbox
from jobs.views.photo_parts import as_json, is_part, take_part
from jobs.views.photo_set_page import changed_parts, whole_page
from jobs.views.sent_files import sent_files, take, texts_last


@require_POST
@access.members(Role.EDITOR)
def upload(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take one or many files, zips among them, or a part of one. Those that are no photos get a sentence each."""
    photo_set = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    photo_set.workspace = request.workspace
    tile, caption = _tiles(request, photo_set), partial(take_captions.take, photo_set)
    if is_part(request):
        return take_part(request, _inbox(request, photo_set), tile, caption)
    taken = take(texts_last(sent_files(request)), lambda sent: add(photo_set, sent), caption)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(as_json(taken.photos, taken.refusals, tile), status=taken.status)
    if taken.refusals:
        page = whole_page(request, photo_set, taken.refusals)
        return render(request, "photo_sets/photo_set.html", page, status=taken.status)
    return redirect("photo_set", request.workspace.slug, photo_set.pk)


def _inbox(request: MemberRequest, photo_set: PhotoSet) -> Inbox:
    sender, places = f"member-{request.membership.pk}", settings.MAX_PHOTOS_PER_SET
    return Inbox(photo_set, sender, places, lambda sent: add(photo_set, sent), takes_zips=True)


def _tiles(request: MemberRequest, photo_set: PhotoSet) -> Callable[[Photo], str]:
    around = {"photo_set": photo_set, "may_delete": photo_set.may_be_deleted_by(request.membership)}
    return lambda photo: render_to_string("photo_sets/_tile.html", {**around, "photo": photo}, request)


@require_POST
@access.members(Role.EDITOR)
def delete(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Take a photo out of its set, with an offer to undo it."""
    photo = _changeable(request, photo_set_id, photo_id)
    delete_photo.delete(photo)
    undo = reverse("photo_restore", args=[request.workspace.slug, photo_set_id, photo_id])
    if request.htmx:
        offer = {"text": "Photo deleted.", "tone": "good", "undo": undo, "htmx": True}
        return trigger_client_event(_changed(request, photo), "flash", offer)
    messages.success(request, "Photo deleted.", extra_tags=f"undo:{undo}")
    return redirect("photo_set", request.workspace.slug, photo_set_id)


@require_POST
@access.members(Role.EDITOR)
def restore(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Bring a deleted photo back."""
    photo = _changeable(request, photo_set_id, photo_id)
    try:
        delete_photo.restore(photo)
    except NotPossible as problem:
        return _too_late(request, photo_set_id, problem.sentence)
    return _changed(request, photo) if request.htmx else redirect("photo_set", request.workspace.slug, photo_set_id)


def _too_late(request: MemberRequest, photo_set_id: int, sentence: str) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(HttpResponse(), "flash", {"text": sentence, "tone": "bad"})
    messages.error(request, sentence)
    return redirect("photo_set", request.workspace.slug, photo_set_id)


def _changeable(request: MemberRequest, photo_set_id: int, photo_id: int) -> Photo:
    photo_set = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos, pk=photo_id)
    if not photo_set.may_be_deleted_by(request.membership):
        raise PermissionDenied
    photo.photo_set, photo.workspace = photo_set, request.workspace
    return photo


def _changed(request: MemberRequest, photo: Photo) -> HttpResponse:
    parts = changed_parts(request, photo.photo_set, [photo])
    return render(request, "photo_sets/_changes.html", parts | {"poller": None})
