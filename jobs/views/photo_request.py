"""What somebody without an account sees who was sent a link: agree, send photos, see them arrive, withdraw.

The link is all they carry: no session is needed, and of the workspace its name is shown and nothing else. A link
that closed, one of somebody else and one that never was are the same page.
"""

import secrets
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.numbers import whole_number
from dashboard.web import rate_limit
from dashboard.web.answers import form_status
from dashboard.web.client_address import address_of
from jobs.forms.consent import AgreeForm
from jobs.forms.photo_set import sent_files
from jobs.models import Consent, Photo, PhotoRequest
from jobs.operations.consents import links, withdrawal
from jobs.operations.errors import NotPossible
from jobs.operations.photos import uploads
from jobs.operations.photos.add_photo import Refusal
from jobs.pages import upload_answer

WRONG_LINKS = 60
"""Links that do not count which one address may try in a minute."""
UPLOADS = 240
"""Uploads, parts of files among them, that one link may send in a minute."""
MOST_ASKED_FOR = 200


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Find what the address's token opens, or say that it opens nothing."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        found = links.find(token)
        response = _closed(request) if found is None else view(request, found, **named)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    open_to_all: Callable[..., HttpResponseBase] = guarded
    return never_cache(access.everybody(open_to_all))


def _closed(request: HttpRequest) -> HttpResponse:
    known = rate_limit.within(f"ask:{address_of(request)}", WRONG_LINKS, seconds=60)
    return render(request, "photo_request/closed.html", status=404 if known else 429)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def photo_request(request: HttpRequest, asked: PhotoRequest) -> HttpResponse:
    """The page: what will happen and a tick; once agreed, the photos."""
    consent = links.consent_of(asked)
    if consent is not None:
        return _own_photos(request, asked, consent) if request.method != "POST" else redirect(request.path)
    form = AgreeForm(links.agreement(asked), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            links.agree(asked, form.cleaned_data["person"])
        except NotPossible:
            return _closed(request)
        return redirect(request.path)
    shown = {"asked": asked, "team": asked.workspace.name, "told": links.terms(asked), "form": form}
    return render(request, "photo_request/agree.html", shown, status=form_status(request, form))


def _own_photos(
    request: HttpRequest, asked: PhotoRequest, consent: Consent, refusals: Sequence[Refusal] = (), status: int = 200
) -> HttpResponse:
    photos = [] if asked.revoked_at else list(consent.photos().present().in_order())
    shown = {
        "asked": asked,
        "team": asked.workspace.name,
        "workspace": asked.workspace,
        "consent": consent,
        "photos": photos,
        "refusals": refusals,
        "told": consent.words.splitlines(),
        "is_open": asked.is_open and consent.places_left() > 0,
        "max_photo_mb": settings.MAX_PHOTO_MB,
        "upload_nonce": secrets.token_urlsafe(16),
        "next_position": max((photo.position for photo in photos), default=-1) + 1,
    }
    return render(request, "photo_request/photos.html", shown, status=status)


@require_POST
@by_link
def upload(request: HttpRequest, asked: PhotoRequest) -> HttpResponse:
    """Take one or many files. Those that are no photos get a sentence each; the others go on."""
    consent = links.consent_of(asked)
    if consent is None:
        return _closed(request)
    if not rate_limit.within(f"ask-upload:{asked.pk}", UPLOADS, seconds=60):
        return HttpResponse("Too many at once. Wait a minute.", status=429, content_type="text/plain")
    inbox = uploads.Inbox(
        photo_set=asked.photo_set,
        sender=links.sender(consent),
        capacity=asked.max_photos,
        add=partial(links.send, consent),
        closed=partial(links.why_closed, consent),
        nonce_of=partial(links.own_nonce, consent),
    )
    arrived = uploads.receive_all(inbox, sent_files(request))
    if upload_answer.is_for_script(request):
        around = {"workspace": asked.workspace, "is_open": True}
        return upload_answer.for_script(
            arrived, lambda photo: render_to_string("photo_request/_tile.html", {**around, "photo": photo}, request)
        )
    if arrived.refusals:
        return _own_photos(request, asked, consent, arrived.refusals, upload_answer.status(arrived))
    return redirect("photo_request", _token(request))


@require_safe
@by_link
def changes(request: HttpRequest, asked: PhotoRequest) -> HttpResponse:
    """Those of the photos that the asking page still waits for, as they are now."""
    consent = links.consent_of(asked)
    waited_for = [*filter(None, map(whole_number, request.GET.getlist("waiting")[:MOST_ASKED_FOR]))]
    if consent is None or asked.revoked_at or not waited_for:
        return HttpResponse(status=204)
    photos = consent.photos().present().filter(pk__in=waited_for)
    changed = photos.exclude(state=Photo.State.WAITING).in_order()
    if not changed:
        return HttpResponse(status=204)
    shown = {"photos": changed, "workspace": asked.workspace, "is_open": asked.is_open}
    return render(request, "photo_request/_changes.html", shown)


@require_POST
@by_link
def remove(request: HttpRequest, asked: PhotoRequest, photo_id: int) -> HttpResponse:
    """Take one photo back, for good."""
    consent = links.consent_of(asked)
    if consent is None or consent.withdrawn_at is not None:
        return _closed(request)
    photo = get_object_or_404(consent.photos().present().select_related("workspace"), pk=photo_id)
    try:
        links.remove(consent, photo)
    except NotPossible as problem:
        return _own_photos(request, asked, consent, [Refusal(photo.display_name, problem.sentence)], 400)
    return redirect("photo_request", _token(request))


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def withdraw_consent(request: HttpRequest, asked: PhotoRequest) -> HttpResponse:
    """Say what withdrawing does, and do it."""
    consent = links.consent_of(asked)
    if consent is None:
        return _closed(request)
    if request.method == "POST":
        withdrawal.withdraw(consent)
    if request.method == "POST" or consent.withdrawn_at is not None:
        return redirect("photo_request", _token(request))
    number = consent.photos().present().count()
    shown = {"team": asked.workspace.name, "consent": consent, "number": number, "token": _token(request)}
    return render(request, "photo_request/withdraw.html", shown)


def _token(request: HttpRequest) -> str:
    return str(request.resolver_match.kwargs["token"]) if request.resolver_match else ""
