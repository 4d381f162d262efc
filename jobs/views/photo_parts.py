"""A part of a file arrives: the answer says how far the file is, and what became of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, JsonResponse

from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import Refusal
from jobs.operations.photos.inbox import Arrived, Busy, Inbox, forget, receive
from jobs.views.sent_files import SentPart, sent_part, status_of

NO_PART = "This part of a file could not be read. Reload the page and add the file again."

Tile = Callable[[Photo], str]


def is_part(request: HttpRequest) -> bool:
    """Whether an upload brings a part of a file, and not files as a whole."""
    return "offset" in request.POST


def take_part(request: HttpRequest, inbox: Inbox, tile: Tile) -> JsonResponse:
    """Take the part that *request* brings; *tile* shows a photo that came of it."""
    part = sent_part(request)
    if part is None:
        return JsonResponse(as_json([], [Refusal("", NO_PART)], tile), status=400)
    try:
        arrived = _taken(inbox, part)
    except Busy:
        return JsonResponse({"busy": True}, status=429)
    except NotPossible as problem:
        refused = Refusal.of(part.upload.name, problem)
        return JsonResponse(as_json([], [refused], tile), status=status_of(problem))
    far = {"offset": arrived.offset, "entry": arrived.entry, "entries": arrived.entries}
    return JsonResponse(far | as_json(arrived.photos, arrived.refusals, tile))


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
