"""Choose which part of a photo is sent, or of all photos of a set, and see it as the provider will."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status
from jobs.forms.crop import CropAllForm, CropForm
from jobs.models import Photo
from jobs.operations.photos import edit
from jobs.pages import crop_page
from jobs.views.photo_sets import present


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def crop(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Crop one photo, and go on to the next if that is wanted."""
    photo_set = present(request, photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos.ready(), pk=photo_id)
    photo.photo_set, photo.workspace = photo_set, request.workspace
    form = CropForm(photo, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        edit.crop(photo, form.chosen)
        if "next" in request.POST and (following := crop_page.following(photo)) is not None:
            return redirect("photo_crop", request.workspace.slug, photo_set.pk, following.pk)
        messages.success(request, "Saved. This is what providers get from now on.")
        return redirect("photo_set", request.workspace.slug, photo_set.pk)
    return render(request, "photo_sets/crop.html", crop_page.page(photo, form), status=form_status(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def crop_all(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """See all photos of a set cropped in the way that the address names, and do it."""
    photo_set = present(request, photo_set_id)
    asked = request.POST if request.method == "POST" else request.GET if "mode" in request.GET else None
    form = CropAllForm(asked)
    if request.method == "POST" and form.is_valid():
        mode, spared = form.chosen_mode, form.cleaned_data["spare_by_hand"]
        changed = edit.crop_all(photo_set, mode, form.chosen_shape, spare_by_hand=spared)
        messages.success(request, crop_page.all_cropped(changed, mode))
        return redirect("photo_set", request.workspace.slug, photo_set.pk)
    page = crop_page.page_of_all(photo_set, form)
    return render(request, "photo_sets/crop_all.html", page, status=form_status(request, form) if form.errors else 200)
