"""Make uploads ready a few at a time: one more than there are processors, since opening also waits for the disk.

All at once they would share the processors, so that the first is ready when the last is, and each needs memory. A
worker's other threads stay free for the providers meanwhile: a hint that finds all hands full is dropped, because
whoever finishes a photo then looks for the next one that is due.
"""

import os
import threading

from jobs.models import Photo
from jobs.operations.photos.take_in_photo import take_in

HANDS = 1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

_hands = threading.BoundedSemaphore(HANDS)


def take_turns(photo_id: int) -> None:
    """Take in the photo, and then one after the other whatever is due. Nothing happens while all hands are full."""
    waiting: int | None = photo_id
    while waiting is not None and _hands.acquire(blocking=False):
        try:
            take_in(waiting)
        finally:
            _hands.release()
        # Looked for only after the hand is free: a hint that came before was dropped, one that comes now is not.
        waiting = Photo.objects.due().order_by("next_action_at", "id").values_list("pk", flat=True).first()
