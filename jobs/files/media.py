"""Addresses of pictures: signed, for ever the same, and answered without session or database.

An address is `/m/<workspace id>/<media epoch>/<signature>/<name>`. Whoever has it may see the picture until the
workspace raises its media epoch (`Workspace.end_media_addresses`), which other processes notice within seconds. Only
pictures we encoded ourselves have addresses; originals and checkpoints never do.
"""

import re
import time
from functools import cache

from django.conf import settings
from django.core.files.storage import storages
from django.core.signing import BadSignature, Signer
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect

from dashboard.models import Workspace
from jobs.files import storage

PREFIX = "/m/"
EPOCH_SECONDS = 5.0
_ADDRESS = re.compile(
    r"/m/(?P<workspace>\d{1,18})/(?P<epoch>\d{1,9})/(?P<signature>[\w-]{43})"
    r"/(?P<name>(?:thumbnails|images|prepared)/(?P=workspace)/[0-9a-f]{2}/[0-9a-f]{64}(?P<suffix>\.(?:webp|png|jpg)))",
    re.ASCII,
)
_TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg"}
_A_WHILE = "private, max-age=3600, immutable"
"""Pictures are of people, who may have them deleted: no browser keeps them much longer."""
_IN_ONE_PIECE = 512 * 1024

_epochs: dict[int, tuple[int | None, float]] = {}


def address(workspace: Workspace, name: str) -> str:
    """The address at which members' browsers get the picture stored as *name*; the same for as long as it is valid."""
    signature = _signer().signature(_signed(workspace.pk, workspace.media_epoch, name))
    return f"{PREFIX}{workspace.pk}/{workspace.media_epoch}/{signature}/{name}"


def respond(request: HttpRequest) -> HttpResponseBase:
    """The picture that the request's address names; 404 for anything else, without saying why."""
    if request.method not in ("GET", "HEAD"):
        return _sealed(HttpResponseNotAllowed(["GET", "HEAD"]))
    match = _ADDRESS.fullmatch(request.path)
    if match is None or not _is_valid(match):
        return _sealed(_not_found())
    return _sealed(_picture(match["name"], _TYPES[match["suffix"]]))


def _is_valid(match: re.Match[str]) -> bool:
    try:
        _signer().unsign(f"{_signed(match['workspace'], match['epoch'], match['name'])}:{match['signature']}")
    except BadSignature:
        return False
    return _epoch(int(match["workspace"])) == int(match["epoch"])


def _signed(workspace_id: int | str, epoch: int | str, name: str) -> str:
    return f"{workspace_id}/{epoch}/{name}"


@cache
def _signer() -> Signer:
    return Signer(salt="jobs.files.media")


def _epoch(workspace_id: int) -> int | None:
    epoch, until = _epochs.get(workspace_id, (None, 0.0))
    if until < time.monotonic():
        epoch = Workspace.objects.filter(pk=workspace_id).values_list("media_epoch", flat=True).first()
        _epochs[workspace_id] = epoch, time.monotonic() + EPOCH_SECONDS
    return epoch


def _picture(name: str, content_type: str) -> HttpResponseBase:
    if "browser" in settings.STORAGES:
        elsewhere = redirect(storages["browser"].url(name))
        elsewhere["Cache-Control"] = "private, max-age=300"
        return elsewhere
    try:
        file = storage.open(name)
        is_small = file.size <= _IN_ONE_PIECE
    except FileNotFoundError:
        return _not_found()
    response: HttpResponseBase
    if is_small:
        with file:
            response = HttpResponse(file.read(), content_type=content_type)
    else:
        response = FileResponse(file, content_type=content_type)
    response["Cache-Control"] = _A_WHILE
    return response


def _not_found() -> HttpResponse:
    missing = HttpResponse("There is no such picture.", status=404, content_type="text/plain; charset=utf-8")
    missing["Cache-Control"] = "no-store"
    return missing


def _sealed(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    return response
