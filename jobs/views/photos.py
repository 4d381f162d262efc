"""The photos of a set: sent, left out of trainings or kept in spite of a finding, deleted, cropped and captioned."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status
from jobs import formats
from jobs.files import sidecars
from jobs.forms.captions import CaptionAllForm, CaptionForm, Sidecars, initial
from jobs.forms.crop import CropAllForm, CropForm
from jobs.forms.photo_set import sent_files
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit, uploads
from jobs.operations.photos.add_photo import add
from jobs.pages import captions_page, crop_page, upload_answer
from jobs.pages.photo_set_page import changed_parts, whole_page
from jobs.photos.captions import is_cut
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
    if told := upload_answer.left_out(arrived):
        messages.info(request, told)
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


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def crop(request: MemberRequest, photo_set_id: int, photo_id: int) -> HttpResponse:
    """Crop one photo, and go on to the next if that is wanted."""
    photo = _ready(request, photo_set_id, photo_id)
    form = CropForm(photo, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        edit.crop(photo, form.chosen)
        if "next" in request.POST and (following := crop_page.following(photo)) is not None:
            return redirect("photo_crop", request.workspace.slug, photo_set_id, following.pk)
        messages.success(request, "Saved. This is what providers get from now on.")
        return redirect("photo_set", request.workspace.slug, photo_set_id)
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
    photo = _ready(request, photo_set_id, photo_id)
    form = CaptionForm(request.POST)
    if not form.is_valid():
        sentence = " ".join(map(str, form.errors["caption"]))
        if request.htmx:
            return render(request, "photo_sets/_captioned.html", {"photo": photo, "wrong": sentence})
        messages.error(request, sentence)
        return redirect(_captions(request, photo.photo_set))
    former = edit.caption(photo, form.cleaned_data["caption"])
    if not request.htmx:
        return redirect(f"{_captions(request, photo.photo_set)}#caption-{photo.pk}")
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
    return _captioned(request, photo_set, edit.caption_all(photo_set, made))


@require_POST
@access.members(Role.EDITOR)
def take_captions(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Take captions from text files, or a zip of them."""
    photo_set = present(request, photo_set_id)
    found = Sidecars(list(photo_set.photos.ready().in_order()), request.FILES.getlist("files"))
    changed = edit.caption_all(photo_set, found.captions)
    if not found.wrong:
        return _captioned(request, photo_set, changed)
    page = captions_page.page(photo_set, CaptionAllForm(initial=initial(photo_set)))
    told = {"wrong": found.wrong, "taken": len(found.captions)}
    return render(request, "photo_sets/captions.html", page | told, status=200 if found.captions else 400)


@require_POST
@access.members(Role.EDITOR)
def undo_captions(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Undo the last change of all captions."""
    photo_set = present(request, photo_set_id)
    edit.undo_captions(photo_set)
    return redirect(_captions(request, photo_set))


@require_safe
@access.members(Role.EDITOR)
def give_captions(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """All captions as text files in a zip, each named as its photo."""
    photo_set = present(request, photo_set_id)
    told = list(photo_set.photos.ready().in_order().values_list("display_name", "caption"))
    stems = sidecars.stems([name for name, _ in told])
    content = sidecars.zipped({stem: caption for stem, (_, caption) in zip(stems, told, strict=True)})
    (stem,) = sidecars.stems([f"{photo_set.name} captions.zip"])
    disposition = content_disposition_header(as_attachment=True, filename=f"{stem}.zip")
    headers = {"Content-Disposition": disposition or "attachment", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def _captioned(request: MemberRequest, photo_set: PhotoSet, changed: int) -> HttpResponse:
    undo_address = reverse("photo_captions_undo", args=[request.workspace.slug, photo_set.pk])
    if changed:
        messages.success(request, f"{formats.counted(changed, 'caption')} written.", extra_tags=f"undo:{undo_address}")
    else:
        messages.info(request, "All captions say so already.")
    return redirect(_captions(request, photo_set))


def _captions(request: MemberRequest, photo_set: PhotoSet) -> str:
    return reverse("photo_captions", args=[request.workspace.slug, photo_set.pk])


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
