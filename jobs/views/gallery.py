"""The gallery: every generated image of the workspace, newest first, and what can be done with many of them at once."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import way_back
from jobs.files.downloads import attachment
from jobs.files.picture_downloads import file_name, picture_archive
from jobs.forms.lists import GalleryFilter, SelectionForm
from jobs.keyset import page_before
from jobs.models import GeneratedImage
from jobs.operations.providers import provider
from jobs.operations.results.images import delete as delete_images
from jobs.operations.results.images import restore as restore_images
from jobs.pages import job_labels
from jobs.pages.settings_shown import settings_shown
from jobs.providers.registry import PROVIDERS

PAGE_SIZE = 60
APART = ("prompt", "seed", "width", "height")
"""What has a place of its own beside the picture."""
NOT_YOURS = "These pictures belong to other people's jobs. An admin of the workspace can delete them."


@require_safe
@access.members(Role.VIEWER)
def gallery(request: MemberRequest) -> HttpResponse:
    """The newest images that pass the filters, which all stand in the address."""
    filters = GalleryFilter(request.GET)
    filters.offer(request.workspace)
    return _rendered(request, "gallery/gallery.html", filters)


@require_safe
@access.members(Role.VIEWER)
def page(request: MemberRequest) -> HttpResponse:
    """The images that follow, for endless scrolling."""
    return _rendered(request, "gallery/_page.html", GalleryFilter(request.GET))


def _rendered(request: MemberRequest, template: str, filters: GalleryFilter) -> HttpResponse:
    images = filters.matching(request.workspace.generated_images.for_gallery())
    page = page_before(images, filters.before_id, PAGE_SIZE)
    status = 200 if filters.is_valid() else 400
    older_query = "" if page.older is None else filters.query(page.older)
    return render(request, template, {"filters": filters, "page": page, "older_query": older_query}, status=status)


@require_safe
@access.members(Role.VIEWER)
def details(request: MemberRequest, image_id: int) -> HttpResponse:
    """One image with everything that made it: a page of its own, or the panel beside the lightbox's picture."""
    images = request.workspace.generated_images
    image: GeneratedImage = get_object_or_404(images.for_details(), pk=image_id)
    job = image.job
    params = provider(job.provider).generation_params if job.provider in PROVIDERS else ()
    # What says nothing about a single picture, such as how many there were, is left out.
    apart = (*APART, *(param.name for param in params if param.counts))
    photo_set = job.photo_set or (image.checkpoint and image.checkpoint.job.photo_set)
    is_own = job.created_by_id == request.user.pk
    shown: dict[str, object] = {
        "image": image,
        "settings": settings_shown(params, image.settings, without=apart),
        "photo_set": photo_set if photo_set and photo_set.deleted_at is None else None,
        "base_model": job_labels.base_model(job),
        "may_delete": request.membership.may(Role.EDITOR if is_own else Role.ADMIN),
    }
    if not request.htmx:
        shown["newer"] = images.for_gallery().filter(pk__gt=image.pk).order_by("pk").first()
        shown["older"] = images.for_gallery().filter(pk__lt=image.pk).first()
    response = render(request, "gallery/_details.html" if request.htmx else "gallery/image.html", shown)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@access.members(Role.VIEWER)
def download(request: MemberRequest, image_id: int) -> HttpResponseBase:
    """The image's file under a name that says what it is."""
    image = get_object_or_404(request.workspace.generated_images.for_download(), pk=image_id)
    return attachment(request, image.file, file_name(image), "image/png")


@require_POST
@access.members(Role.EDITOR)
def star(request: MemberRequest, image_id: int) -> HttpResponse:
    """Put a star on an image (`starred=1`) or take it off; saying it twice changes nothing."""
    image = get_object_or_404(request.workspace.generated_images.shown(), pk=image_id)
    image.star(starred=request.POST.get("starred") == "1")
    return HttpResponse(status=204) if request.htmx else redirect(f"{way_back(request, 'gallery')}#picture-{image.pk}")


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
    ids = delete_images(request.membership, form.cleaned_data["ids"])
    kept = request.workspace.generated_images.shown().filter(pk__in=form.cleaned_data["ids"]).count()
    if not ids and not kept:
        raise Http404
    if not ids:
        return _notice(request, NOT_YOURS, 403)
    undo, joined = reverse("gallery_restore", args=[request.workspace.slug]), ",".join(map(str, ids))
    sentence = _sentence(len(ids), kept)
    if not request.htmx:
        messages.success(request, sentence, extra_tags=f"undo:{undo}?ids={joined}")
        return redirect(way_back(request, "gallery"))
    flash = {"text": sentence, "tone": "good", "undo": undo, "fields": {"ids": joined}, "htmx": True}
    response = trigger_client_event(HttpResponse(status=204), "flash", flash)
    return trigger_client_event(response, "pictures-deleted", {"ids": ids})


@require_POST
@access.members(Role.EDITOR)
def restore_many(request: MemberRequest) -> HttpResponse:
    """Undo a deletion; the ids stand in the form, or in the address that a message's Undo button posts to."""
    form = SelectionForm(request.GET if "ids" in request.GET else request.POST)
    if not form.is_valid():
        return _notice(request, form.sentence, 400)
    ids = restore_images(request.membership, form.cleaned_data["ids"])
    if not ids:
        raise Http404
    if not request.htmx:
        return redirect(way_back(request, "gallery"))
    return trigger_client_event(HttpResponse(status=204), "pictures-restored", {"ids": ids})


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
    return render(
        request, "gallery/notice.html", {"sentence": sentence, "back": way_back(request, "gallery")}, status=status
    )
