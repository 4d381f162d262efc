"""The team's side of consent: who agreed to a set's photos, notes by hand, links that ask, withdrawals."""

from dataclasses import dataclass
from itertools import groupby

import segno
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import form_status, public_address
from jobs.forms.consent import AskForm, NoteForm
from jobs.models import Consent, Photo, PhotoRequest
from jobs.operations.consents import links, records
from jobs.operations.consents import withdrawal as withdrawing
from jobs.operations.consents.provenance import made_from
from jobs.operations.errors import NotPossible
from jobs.views.photo_sets import present

LISTED = 100
QUIET = 4
"""Empty modules around a QR code, as its standard asks for."""


@dataclass(frozen=True)
class QrCode:
    """A QR code as a page can draw it without inline styles: *path* draws the dark modules in a square of *size*."""

    size: int
    path: str


@require_safe
@access.members(Role.VIEWER)
def consents(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Who agreed to the photos of a set, and which links ask for more."""
    photo_set = present(request, photo_set_id)
    shown = {
        "photo_set": photo_set,
        "consents": photo_set.consents.select_related("noted_by", "photo_request", "withdrawn_by").order_by("-id"),
        "requests": photo_set.photo_requests.select_related("created_by", "consent").order_by("-id"),
        "may_withdraw": photo_set.may_be_deleted_by(request.membership),
    }
    return render(request, "consents/consents.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def ask(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Make a link, and show it in this answer and never again."""
    photo_set = present(request, photo_set_id)
    form = AskForm(request.POST or None)
    shown: dict[str, object] = {"photo_set": photo_set, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            made, token = links.ask(photo_set, request.user, form.asked())
        except NotPossible as problem:
            form.add_error(None, problem.sentence)
        else:
            link = public_address(request, reverse("photo_request", args=[token]))
            return render(request, "consents/asked.html", shown | {"made": made, "link": link, "qr": qr_code(link)})
    return render(request, "consents/ask.html", shown, status=form_status(request, form))


def qr_code(text: str) -> QrCode:
    """The code that a phone reads as *text*."""
    rows = list(segno.make(text, error="m", micro=False).matrix)
    strokes = []
    for y, row in enumerate(rows, QUIET):
        x = QUIET
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                strokes.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrCode(len(rows) + 2 * QUIET, "".join(strokes))


@require_POST
@access.members(Role.EDITOR)
def take_back(request: MemberRequest, photo_set_id: int, photo_request_id: int) -> HttpResponse:
    """Let a link take no more photos."""
    photo_set = present(request, photo_set_id)
    found: PhotoRequest = get_object_or_404(photo_set.photo_requests, pk=photo_request_id)
    found.workspace = request.workspace
    links.take_back(found, request.user)
    return redirect("photo_set_consents", request.workspace.slug, photo_set_id)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def note(request: MemberRequest, photo_set_id: int) -> HttpResponse:
    """Note a consent that was given on paper or in a talk."""
    photo_set = present(request, photo_set_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        records.note(photo_set, request.user, form.noted())
        return redirect("photo_set_consents", request.workspace.slug, photo_set_id)
    shown = {"form": form, "photo_set": photo_set}
    return render(request, "consents/note.html", shown, status=form_status(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def withdraw(request: MemberRequest, consent_id: int) -> HttpResponse:
    """Note that somebody withdrew, after saying what that does."""
    consent: Consent = get_object_or_404(request.workspace.consents.standing(), pk=consent_id)
    consent.workspace = request.workspace
    sets = consent.photo_sets.all()
    if not all(photo_set.may_be_deleted_by(request.membership) for photo_set in sets):
        raise PermissionDenied
    if request.method != "POST":
        picked = Photo.objects.present().filter(pk__in=made_from(consent).picked).count()
        shown = {"consent": consent, "sets": sets, "number": consent.photos().present().count(), "picked": picked}
        return render(request, "consents/withdraw.html", shown)
    withdrawing.withdraw(consent, request.user)
    return redirect("withdrawal", request.workspace.slug, consent.pk)


@require_safe
@access.members(Role.VIEWER)
def withdrawals(request: MemberRequest) -> HttpResponse:
    """Who withdrew, what is still to be deleted because of it, and whose consents count, deleted sets' too."""
    consents = request.workspace.consents.order_by("-id")
    shown = {
        "open": consents.to_settle(),
        "settled": consents.filter(settled_at__isnull=False)[:LISTED],
        "standing": consents.standing()[:LISTED],
    }
    return render(request, "consents/withdrawals.html", shown)


@require_safe
@access.members(Role.VIEWER)
def withdrawal(request: MemberRequest, consent_id: int) -> HttpResponse:
    """What was made from the photos of somebody who withdrew, listed before it is deleted."""
    consent = _withdrawn(request, consent_id)
    return render(request, "consents/withdrawal.html", {"consent": consent, "made": withdrawing.remains(consent)})


@require_POST
@access.members(Role.ADMIN)
def settle(request: MemberRequest, consent_id: int) -> HttpResponse:
    """Delete all of it, for good."""
    consent = _withdrawn(request, consent_id)
    withdrawing.settle(consent, request.user)
    return redirect("withdrawal", request.workspace.slug, consent.pk)


def _withdrawn(request: MemberRequest, consent_id: int) -> Consent:
    withdrawn = request.workspace.consents.filter(withdrawn_at__isnull=False).select_related("settled_by")
    consent: Consent = get_object_or_404(withdrawn, pk=consent_id)
    consent.workspace = request.workspace
    return consent
