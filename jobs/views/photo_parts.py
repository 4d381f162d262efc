"""A part of a file arrives: the answer says how far the file is, and what became of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, JsonResponse

from jobs.files.sidecars import is_text
from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import Refusal
from jobs.operations.photos.inbox import Arrived, Busy, Inbox, forget, receive
from jobs.views.sent_files import Caption, SentPart, sent_part, status_of, text_of

NO_PART = "This part of a file could not be read. Reload the page and add the file again."

Tile = Callable[[Photo], str]


def is_part(request: HttpRequest) -> bool:
    """Whether an upload brings a part of a file, and not files as a whole."""
    return "offset" in request.POST


def take_part(request: HttpRequest, inbox: Inbox, tile: Tile, caption: Caption | None = None) -> JsonResponse:
    """Take the part that *request* brings; *tile* shows a photo that came of it. Where there is *caption*, a text file
    beside a photo is its caption, and *caption* takes one that came alone."""
    part = sent_part(request)
    if part is None:
        return JsonResponse(as_json([], [Refusal("", NO_PART)], tile), status=400)
    try:
        if caption is not None and is_text(part.upload.name):
            return _caption(request, part, caption)
        said, wrong = ("", []) if caption is None else _beside(part)
        arrived = _taken(inbox, replace(part, upload=replace(part.upload, caption=said)))
    except Busy:
        return JsonResponse({"busy": True}, status=429)
    except NotPossible as problem:
        refused = Refusal.of(part.upload.name, problem)
        return JsonResponse(as_json([], [refused], tile), status=status_of(problem))
    far = {"offset": arrived.offset, "entry": arrived.entry, "entries": arrived.entries}
    refusals = [*arrived.refusals, *(wrong if arrived.photos else [])]
    return JsonResponse(far | as_json(arrived.photos, refusals, tile))


def _beside(part: SentPart) -> tuple[str, list[Refusal]]:
    """What the text file beside a photo says; a refusal of the text where it is none, or too long a one."""
    if part.text is None:
        return "", []
    name = part.text.name or ""
    try:
        return text_of(part.text, name).caption, []
    except NotPossible as problem:
        return "", [Refusal.of(name, problem)]


def _caption(request: HttpRequest, part: SentPart, caption: Caption) -> JsonResponse:
    """Take a text file that came alone. A text of several parts is longer than a caption may be."""
    file = request.FILES.get("photos")
    if file is not None and not part.is_taken_back:
        caption(text_of(file, part.upload.name))
    return JsonResponse({"offset": part.upload.size, "entry": None, "entries": 0, "captions": 1})


def as_json(photos: list[Photo], refusals: list[Refusal], tile: Tile) -> dict[str, Any]:
    """What the page's script is told of photos that came and files that were refused."""
    return {
        "photos": [{"id": photo.pk, "tile": tile(photo)} for photo in photos],
        "refused": [
            {"name": refusal.name, "sentence": refusal.sentence, "known": refusal.is_known} for refusal in refusals
        ],
    }


def _taken(inbox: Inbox, part: SentPart) -> Arrived:
    if part.is_taken_back:
        forget(inbox, part.upload)
        return Arrived()
    return receive(inbox, part.upload, part.offset, part.entry)
