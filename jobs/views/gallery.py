"""The gallery: every generated image of the workspace, newest first."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.files.downloads import attachment
from jobs.files.picture_names import file_name
from jobs.forms.gallery import GalleryFilter
from jobs.keyset import page_before
from jobs.pages.image_page import image_details
from jobs.views.selection import way_back

PAGE_SIZE = 60


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
    image = get_object_or_404(request.workspace.generated_images.for_details(), pk=image_id)
    template = "gallery/_details.html" if request.htmx else "gallery/image.html"
    response = render(request, template, image_details(request, image, with_neighbours=not request.htmx))
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
    return HttpResponse(status=204) if request.htmx else redirect(f"{way_back(request)}#picture-{image.pk}")
