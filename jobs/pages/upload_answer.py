"""What whoever sends files is told: the script of the page in JSON, people without scripts on the page itself."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, JsonResponse

from jobs.models import Photo
from jobs.operations.photos.uploads import Arrived


def is_for_script(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def for_script(arrived: Arrived, tile: Callable[[Photo], str]) -> JsonResponse:
    """The answer to the page's script (`upload-queue.js`); *tile* shows a photo that came."""
    if arrived.is_busy:
        return JsonResponse({"busy": True}, status=429)
    told: dict[str, Any] = {
        "photos": [{"id": photo.pk, "tile": tile(photo)} for photo in arrived.photos],
        "refused": [{"name": one.name, "sentence": one.sentence, "known": one.is_known} for one in arrived.refusals],
    }
    if arrived.offset is not None:
        told |= {"offset": arrived.offset, "entry": arrived.entry, "entries": arrived.entries}
    if arrived.companions:
        told["companions"] = arrived.companions
    if arrived.captions:
        told["captions"] = arrived.captions
    return JsonResponse(told, status=status(arrived))


def left_out(arrived: Arrived) -> str:
    """One line about what was left out without harm; empty where nothing was."""
    if not arrived.companions:
        return ""
    many = "one file that belongs" if arrived.companions == 1 else f"{arrived.companions} files that belong"
    return f"Left out: {many} to Live Photos (.MOV, .AAE)."


def status(arrived: Arrived) -> int:
    """The worst that happened; a part that was taken is well, whatever is said about a file inside it."""
    if arrived.offset is not None or not arrived.refusals:
        return 200
    return 413 if any(refusal.is_too_large for refusal in arrived.refusals) else 400
