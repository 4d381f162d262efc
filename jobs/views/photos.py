"""Single photos: sent, left out of trainings or kept in spite of a finding, deleted, brought back."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.forms.uploads import sent_files
from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit, uploads
from jobs.operations.photos.add_photo import add
from jobs.pages import upload_answer
from jobs.pages.photo_set_page import changed_parts, whole_page
from jobs.photos.inspection.findings import Code
from jobs.views.photo_sets import present

LEFT_OUT = "Photo left out. It stays in the set, and trainings start without it."
DELETED = "Photo deleted."


@require_POST
@access.members(Role.EDITOR)
def upload(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take one or many files, zips among them, or a part of one. Those that are no photos get a sentence each."""
    photo_set = present(request, photo_set_id)
    sender, capacity = f"member-{request.membership.pk}", settings.MAX_PHOTOS_PER_SET
    inbox = uploads.Inbox(photo_set, sender, capacity, partial(add, photo_set), is_members=True)
    arrived = uploads.receive_all(inbox, sent_files(request))
    if upload_answer.is_for_script(request):
        around = {"photo_set": photo_set, "may_delete": photo_set.may_be_deleted_by(request.membership)}
        return upload_answer.for_script(
            arrived, lambda photo: render_to_string("photo_sets/_tile.html", {**around, "photo": photo}, request)
        )
    if arrived.refusals:
        page = whole_page(request, photo_set, arrived.refusals)
        return render(request, "photo_sets/photo_set.html", page, status=upload_answer.status(arrived))
    return redirect("photo_set", request.workspace.slug, photo_set.pk)


@require_POST
@access.members(Role.EDITOR)
def leave_out(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Start trainings without the photo, with an offer to undo it."""
    photo = _ready(request, photo_set_id, photo_id)
    edit.leave_out(photo)
    return _undoable(request, photo, LEFT_OUT, undo="photo_use_again")


@require_POST
@access.members(Role.EDITOR)
def use_again(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Let trainings have the photo again."""
    photo = _ready(request, photo_set_id, photo_id)
    edit.use_again(photo)
    return _changed(request, photo)


@require_POST
@access.members(Role.EDITOR)
def keep(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Speak of one finding no more."""
    photo = _ready(request, photo_set_id, photo_id)
    try:
        code = Code(request.POST.get("code", ""))
    except ValueError:
        raise BadRequest("There is no such finding.") from None
    edit.keep_anyway(photo, code)
    return _changed(request, photo)


@require_POST
@access.members(Role.EDITOR)
def delete(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Take a photo out of its set, with an offer to undo it."""
    photo = _deletable(request, photo_set_id, photo_id)
    edit.delete(photo)
    return _undoable(request, photo, DELETED, undo="photo_restore")


@require_POST
@access.members(Role.EDITOR)
def restore(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Bring a deleted photo back."""
    photo = _deletable(request, photo_set_id, photo_id)
    try:
        edit.restore(photo)
    except NotPossible as problem:
        if request.htmx:
            return trigger_client_event(HttpResponse(), "flash", {"text": problem.sentence, "tone": "bad"})
        messages.error(request, problem.sentence)
        return redirect("photo_set", request.workspace.slug, photo_set_id)
    return _changed(request, photo)


def _ready(request: MemberRequest, photo_set_id: int, photo_id: int) -> Photo:
    photo_set = present(request, photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos.ready(), pk=photo_id)
    photo.photo_set, photo.workspace = photo_set, request.workspace
    return photo


def _deletable(request: MemberRequest, photo_set_id: int, photo_id: int) -> Photo:
    photo_set = present(request, photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos, pk=photo_id)
    if not photo_set.may_be_deleted_by(request.membership):
        raise PermissionDenied
    photo.photo_set, photo.workspace = photo_set, request.workspace
    return photo


def _undoable(request: MemberRequest, photo: Photo, sentence: str, undo: str) -> HttpResponse:
    """The photo as it is now, *sentence*, and an offer to undo it at the address named *undo*."""
    address = reverse(undo, args=[request.workspace.slug, photo.photo_set_id, photo.pk])
    if request.htmx:
        offer = {"text": sentence, "tone": "good", "undo": address, "htmx": True}
        return trigger_client_event(_changed(request, photo), "flash", offer)
    messages.success(request, sentence, extra_tags=f"undo:{address}")
    return _changed(request, photo)


def _changed(request: MemberRequest, photo: Photo) -> HttpResponse:
    if not request.htmx:
        return redirect("photo_set", request.workspace.slug, photo.photo_set_id)
    photo.refresh_from_db(fields=["excluded_at", "kept_anyway", "version"])
    parts = changed_parts(request, photo.photo_set, [photo])
    return render(request, "photo_sets/_changes.html", parts | {"poller": None})
