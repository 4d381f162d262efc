"""What can be done with many selected pictures at once."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.files.picture_archive import picture_archive
from jobs.forms.selection import SelectionForm
from jobs.operations.results import images

NOT_YOURS = "These pictures belong to other people's jobs. An admin of the workspace can delete them."


@require_POST
@access.members(Role.VIEWER)
def download_many(request: MemberRequest) -> HttpResponseBase:
    """The selected images as one ZIP, written while it is sent."""
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _notice(request, form.sentence, 400)
    images = list(request.workspace.generated_images.for_download().filter(pk__in=form.cleaned_data["ids"]))
    if not images:
        raise Http404
    filename = f"{request.workspace.slug}-{len(images)}-pictures.zip"
    response = StreamingHttpResponse(picture_archive(images), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or ""
    return response


@require_POST
@access.members(Role.EDITOR)
def delete_many(request: MemberRequest) -> HttpResponse:
    """Delete the selected images, with undo. What one may not delete stays, and it says so."""
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _notice(request, form.sentence, 400)
    ids = images.delete(request.membership, form.cleaned_data["ids"])
    kept = request.workspace.generated_images.shown().filter(pk__in=form.cleaned_data["ids"]).count()
    if not ids and not kept:
        raise Http404
    if not ids:
        return _notice(request, NOT_YOURS, 403)
    return _deleted(request, ids, kept)


def _deleted(request: MemberRequest, ids: Sequence[int], kept: int) -> HttpResponse:
    undo = reverse("gallery_restore", args=[request.workspace.slug])
    sentence = _sentence(len(ids), kept)
    if not request.htmx:
        messages.success(request, sentence, extra_tags=f"undo:{undo}?ids={_joined(ids)}")
        return redirect(way_back(request))
    flash = {"text": sentence, "tone": "good", "undo": undo, "fields": {"ids": _joined(ids)}, "htmx": True}
    response = trigger_client_event(HttpResponse(status=204), "flash", flash)
    return trigger_client_event(response, "pictures-deleted", {"ids": ids})


@require_POST
@access.members(Role.EDITOR)
def restore_many(request: MemberRequest) -> HttpResponse:
    """Undo a deletion; the ids stand in the form, or in the address that a message's Undo button posts to."""
    form = SelectionForm(request.GET if "ids" in request.GET else request.POST)
    if not form.is_valid():
        return _notice(request, form.sentence, 400)
    ids = images.restore(request.membership, form.cleaned_data["ids"])
    if not ids:
        raise Http404
    if not request.htmx:
        return redirect(way_back(request))
    return trigger_client_event(HttpResponse(status=204), "pictures-restored", {"ids": ids})


def way_back(request: MemberRequest) -> str:
    """Where the form was: its `next`, when that is an address of ours, else the gallery."""
    back = request.POST.get("next", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("gallery", args=[request.workspace.slug])


def _joined(ids: Sequence[int]) -> str:
    return ",".join(str(pk) for pk in ids)


def _sentence(deleted: int, kept: int) -> str:
    done = "1 picture deleted." if deleted == 1 else f"{deleted} pictures deleted."
    if not kept:
        return done
    belong, them = ("belongs", "it") if kept == 1 else ("belong", "them")
    return f"{done} {kept} {belong} to other people's jobs: only an admin can delete {them}."


def _notice(request: MemberRequest, sentence: str, status: int) -> HttpResponse:
    """One sentence instead of what was asked for: a flash for htmx, else a page."""
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "flash", {"text": sentence, "tone": "warn"})
    return render(request, "gallery/notice.html", {"sentence": sentence, "back": way_back(request)}, status=status)
