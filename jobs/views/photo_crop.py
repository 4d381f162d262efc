"""Choose which part of a photo is sent, or of all photos of a set, and see it as the provider will."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status
from jobs import formats
from jobs.forms.crop import SHAPES, CropAllForm, CropForm, advised
from jobs.models import Photo, PhotoSet
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
        return _go_on(request, photo, to_next="next" in request.POST)
    return render(request, "photo_sets/crop.html", _page(photo, form), status=form_status(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def crop_all(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """See all photos of a set cropped in the way that the address names, and do it."""
    photo_set = present(request, photo_set_id)
    if request.method == "POST":
        return _crop_all(request, photo_set, CropAllForm(request.POST))
    return _preview(request, photo_set, CropAllForm(request.GET if "mode" in request.GET else None))


def _crop_all(request: MemberRequest, photo_set: PhotoSet, form: CropAllForm) -> HttpResponse:
    if not form.is_valid():
        return _preview(request, photo_set, form)
    spared = form.cleaned_data["spare_by_hand"]
    changed = edit.crop_all(photo_set, form.chosen_mode, form.chosen_shape, spare_by_hand=spared)
    done = "is sent whole" if form.chosen_mode is None else "is cropped"
    several = "are sent whole" if form.chosen_mode is None else "are cropped"
    said = f"{formats.counted(changed, 'photo')} {done if changed == 1 else several} now."
    messages.success(request, said if changed else "All photos were so already.")
    return redirect("photo_set", request.workspace.slug, photo_set.pk)


def _preview(request: MemberRequest, photo_set: PhotoSet, asked: CropAllForm) -> HttpResponse:
    photos = list(photo_set.photos.ready().in_order())
    begin = {"mode": advised(any(photo.faces for photo in photos)), "shape": "square", "spare_by_hand": "on"}
    form = asked if asked.is_valid() else CropAllForm(begin)
    form.is_valid()
    told = {"spare_by_hand": form.cleaned_data["spare_by_hand"]}
    shown = crop_page.previews(photos, form.chosen_mode, form.chosen_shape, **told)
    page = {"photo_set": photo_set, "form": asked if asked.is_bound else form, "previews": shown}
    return render(
        request, "photo_sets/crop_all.html", page, status=form_status(request, asked) if asked.errors else 200
    )


def _page(photo: Photo, form: CropForm) -> dict[str, object]:
    mode = str(form["mode"].value() or "")
    shape = str(form["shape"].value() or "")
    shape = shape if shape in SHAPES else "square"
    return {
        "form": form,
        "photo": photo,
        "photo_set": photo.photo_set,
        "ways": crop_page.ways(photo, mode, shape),
        "boxes": crop_page.boxes(photo),
        "sizes": crop_page.sizes(photo),
        "next": _next(photo),
    }


def _next(photo: Photo) -> Photo | None:
    """The photo that follows in its set."""
    ids = list(photo.photo_set.photos.ready().in_order().values_list("pk", flat=True))
    following = ids[ids.index(photo.pk) + 1 :] if photo.pk in ids else []
    return photo.photo_set.photos.filter(pk=following[0]).first() if following else None


def _go_on(request: MemberRequest, photo: Photo, *, to_next: bool) -> HttpResponse:
    following = _next(photo) if to_next else None
    if following is not None:
        return redirect("photo_crop", request.workspace.slug, photo.photo_set_id, following.pk)
    messages.success(request, "Saved. This is what providers get from now on.")
    return redirect("photo_set", request.workspace.slug, photo.photo_set_id)
