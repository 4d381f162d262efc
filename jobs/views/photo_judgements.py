"""What people answer to the report card: leave a photo out, use it again, keep it anyway."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.models import Photo
from jobs.operations.photos import judge_photo
from jobs.photos.inspection.findings import Code
from jobs.views.photo_set_page import changed_parts

LEFT_OUT = "Photo left out. It stays in the set, and trainings start without it."


@require_POST
@access.members(Role.EDITOR)
def leave_out(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Start trainings without the photo, with an offer to undo it."""
    photo = _ready(request, photo_set_id, photo_id)
    judge_photo.leave_out(photo)
    undo = reverse("photo_use_again", args=[request.workspace.slug, photo_set_id, photo_id])
    if request.htmx:
        return trigger_client_event(
            _changed(request, photo), "flash", {"text": LEFT_OUT, "tone": "good", "undo": undo, "htmx": True}
        )
    messages.success(request, LEFT_OUT, extra_tags=f"undo:{undo}")
    return redirect("photo_set", request.workspace.slug, photo_set_id)


@require_POST
@access.members(Role.EDITOR)
def use_again(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Let trainings have the photo again."""
    photo = _ready(request, photo_set_id, photo_id)
    judge_photo.use_again(photo)
    return _changed(request, photo)


@require_POST
@access.members(Role.EDITOR)
def keep(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Speak of one finding no more."""
    photo = _ready(request, photo_set_id, photo_id)
    judge_photo.keep_anyway(photo, _code(request))
    return _changed(request, photo)


def _ready(request: MemberRequest, photo_set_id: int, photo_id: int) -> Photo:
    photo_set = get_object_or_404(request.workspace.photo_sets.present(), pk=photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos.ready(), pk=photo_id)
    photo.photo_set, photo.workspace = photo_set, request.workspace
    return photo


def _code(request: MemberRequest) -> Code:
    try:
        return Code(request.POST.get("code", ""))
    except ValueError:
        raise BadRequest("There is no such finding.") from None


def _changed(request: MemberRequest, photo: Photo) -> HttpResponse:
    if not request.htmx:
        return redirect("photo_set", request.workspace.slug, photo.photo_set_id)
    photo.refresh_from_db(fields=["excluded_at", "kept_anyway", "version"])
    parts = changed_parts(request, photo.photo_set, [photo])
    return render(request, "photo_sets/_changes.html", parts | {"poller": None})
