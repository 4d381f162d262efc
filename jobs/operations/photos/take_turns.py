"""Make uploads ready, crop and then inspect them, a few at a time: one more than there are processors, since opening
also waits for the disk.

All at once they would share the processors, so that the first is ready when the last is, and each needs memory. A
worker's other threads stay free for the providers meanwhile: a hint that finds all hands full is dropped, because
whoever finishes a photo then looks for the next one that is due.
"""

import os
import threading
from collections.abc import Callable

from jobs.models import Photo
from jobs.operations.photos import crop_photo
from jobs.operations.photos.inspect_photo import inspect
from jobs.operations.photos.take_in_photo import take_in

HANDS = 1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

_hands = threading.BoundedSemaphore(HANDS)


Turn = tuple[Callable[[int], None], int]


def take_turns(photo_id: int) -> None:
    """Take in the photo, and then one after the other whatever is due. Nothing happens while all hands are full."""
    _go_on((take_in, photo_id))


def inspect_in_turn(photo_id: int) -> None:
    """Inspect the photo, and then go on in the same way. Uploads and crops come first: people wait to see them."""
    _go_on(_waited_for() or (inspect, photo_id))


def crop_in_turn(photo_id: int) -> None:
    """Crop the photo, and then go on in the same way."""
    _go_on((crop_photo.make, photo_id))


def _go_on(turn: Turn | None) -> None:
    while turn is not None and _hands.acquire(blocking=False):
        step, photo_id = turn
        try:
            step(photo_id)
        finally:
            _hands.release()
        # Looked for only after the hand is free: a hint that came before was dropped, one that comes now is not.
        turn = _waited_for() or _uninspected()


def _waited_for() -> Turn | None:
    return _uploaded() or _uncropped()


def _uploaded() -> Turn | None:
    found = Photo.objects.due().order_by("next_action_at", "id").values_list("pk", flat=True).first()
    return None if found is None else (take_in, found)


def _uncropped() -> Turn | None:
    due = Photo.objects.due_for_cropping().order_by("crop_due_at", "id")
    found = due.values_list("pk", flat=True).first()
    return None if found is None else (crop_photo.make, found)


def _uninspected() -> Turn | None:
    due = Photo.objects.due_for_inspection().order_by("inspection_due_at", "id")
    found = due.values_list("pk", flat=True).first()
    return None if found is None else (inspect, found)
