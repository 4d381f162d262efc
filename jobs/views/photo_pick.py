"""Pictures of the gallery chosen for a photo set."""

import secrets
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.forms.paging import PagingForm
from jobs.forms.selection import SelectionForm
from jobs.keyset import page_before
from jobs.models import PhotoSet
from jobs.operations.photos import pick_images
from jobs.views.photo_set_shelf import present
from jobs.views.sent_files import Refusal, nonce_of

PAGE_SIZE = 60
NOT_THERE = "These pictures are not there any more."


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def pick(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Choose pictures, newest first, which become photos of the set."""
    photo_set = present(request, photo_set_id)
    if request.method != "POST":
        return _page(request, photo_set)
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _page(request, photo_set, [Refusal("", form.sentence)])
    images = list(request.workspace.generated_images.to_pick().filter(pk__in=form.cleaned_data["ids"]))
    photos, refusals = pick_images.pick(photo_set, images, nonce_of(request))
    if refusals or not photos:
        return _page(request, photo_set, refusals or [Refusal("", NOT_THERE)], len(photos))
    messages.success(request, f"{len(photos)} picture{'s' if len(photos) > 1 else ''} added.")
    return redirect("photo_set", request.workspace.slug, photo_set.pk)


def _page(
    request: MemberRequest, photo_set: PhotoSet, refusals: Sequence[Refusal] = (), added: int = 0
) -> HttpResponse:
    paging = PagingForm(request.GET)
    before = paging.cleaned_data["before"] if paging.is_valid() else None
    shown = {
        "photo_set": photo_set,
        "page": page_before(request.workspace.generated_images.to_pick(), before, PAGE_SIZE),
        "is_newest": before is None,
        "refusals": refusals,
        "added": added,
        "chosen": request.POST.getlist("id"),
        "nonce": secrets.token_urlsafe(16),
    }
    return render(request, "photo_sets/pick.html", shown, status=400 if refusals else 200)
