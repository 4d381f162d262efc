"""Captions of a set's photos: written in place, by a pattern for all, taken from files and given as files."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status
from jobs import formats
from jobs.files import sidecars
from jobs.forms.captions import CaptionAllForm, CaptionForm, Sidecars, initial
from jobs.models import Photo, PhotoSet
from jobs.operations.photos import edit
from jobs.pages import captions_page
from jobs.photos.captions import is_cut
from jobs.views.photo_sets import present


@require_safe
@access.members(Role.EDITOR)
def captions(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """All photos of a set with their captions."""
    photo_set = present(request, photo_set_id)
    return render(
        request, "photo_sets/captions.html", captions_page.page(photo_set, CaptionAllForm(initial=initial(photo_set)))
    )


@require_POST
@access.members(Role.EDITOR)
def caption(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Write one caption, with an offer to undo it."""
    photo_set = present(request, photo_set_id)
    photo: Photo = get_object_or_404(photo_set.photos.ready(), pk=photo_id)
    photo.photo_set, photo.workspace = photo_set, request.workspace
    form = CaptionForm(request.POST)
    if not form.is_valid():
        sentence = " ".join(map(str, form.errors["caption"]))
        if request.htmx:
            return render(request, "photo_sets/_captioned.html", {"photo": photo, "wrong": sentence})
        messages.error(request, sentence)
        return redirect(_address(request, photo_set))
    former = edit.caption(photo, form.cleaned_data["caption"])
    if not request.htmx:
        return redirect(f"{_address(request, photo_set)}#caption-{photo.pk}")
    shown = {"photo": photo, "anew": "anew" in request.POST, "is_cut": is_cut(photo.caption)}
    answer = render(request, "photo_sets/_captioned.html", shown)
    offer = {"text": "Caption saved.", "tone": "good", "undo": request.path, "htmx": True}
    told = {"fields": {"caption": former, "anew": "1"}}
    return answer if former == photo.caption else trigger_client_event(answer, "flash", offer | told)


@require_POST
@access.members(Role.EDITOR)
def caption_all(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Caption all photos by a pattern."""
    photo_set = present(request, photo_set_id)
    form = CaptionAllForm(request.POST)
    made = form.captions_of(list(photo_set.photos.ready().in_order())) if form.is_valid() else {}
    if form.errors:
        return render(
            request, "photo_sets/captions.html", captions_page.page(photo_set, form), status=form_status(request, form)
        )
    return _changed(request, photo_set, edit.caption_all(photo_set, made))


@require_POST
@access.members(Role.EDITOR)
def take(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take captions from text files, or a zip of them."""
    photo_set = present(request, photo_set_id)
    found = Sidecars(list(photo_set.photos.ready().in_order()), request.FILES.getlist("files"))
    changed = edit.caption_all(photo_set, found.captions)
    if not found.wrong:
        return _changed(request, photo_set, changed)
    page = captions_page.page(photo_set, CaptionAllForm(initial=initial(photo_set)))
    told = {"wrong": found.wrong, "taken": len(found.captions)}
    return render(request, "photo_sets/captions.html", page | told, status=200 if found.captions else 400)


@require_POST
@access.members(Role.EDITOR)
def undo(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Undo the last change of all captions."""
    photo_set = present(request, photo_set_id)
    edit.undo_captions(photo_set)
    return redirect(_address(request, photo_set))


@require_safe
@access.members(Role.EDITOR)
def give(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """All captions as text files in a zip, each named as its photo."""
    photo_set = present(request, photo_set_id)
    told = list(photo_set.photos.ready().in_order().values_list("display_name", "caption"))
    stems = sidecars.stems([name for name, _ in told])
    content = sidecars.zipped({stem: caption for stem, (_, caption) in zip(stems, told, strict=True)})
    (stem,) = sidecars.stems([f"{photo_set.name} captions.zip"])
    disposition = content_disposition_header(as_attachment=True, filename=f"{stem}.zip")
    headers = {"Content-Disposition": disposition or "attachment", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def _changed(request: MemberRequest, photo_set: PhotoSet, changed: int) -> HttpResponse:
    undo_address = reverse("photo_captions_undo", args=[request.workspace.slug, photo_set.pk])
    if changed:
        messages.success(request, f"{formats.counted(changed, 'caption')} written.", extra_tags=f"undo:{undo_address}")
    else:
        messages.info(request, "All captions say so already.")
    return redirect(_address(request, photo_set))


def _address(request: MemberRequest, photo_set: PhotoSet) -> str:
    return reverse("photo_captions", args=[request.workspace.slug, photo_set.pk])
