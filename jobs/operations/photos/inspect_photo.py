"""Measure a photo that is ready, for its set's report card. Nothing waits for this: without it photos train as well.

The row is the schedule, as for uploads: a turn is taken by moving `inspection_due_at` on, and what was measured is
kept only while that still stands, so that a photo which was cropped meanwhile is measured once more.
"""

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import Photo
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.photos.count_photos import recount
from jobs.photos import crop as parts
from jobs.photos import intake
from jobs.photos.inspection.measures import Measures

LEASE_SECONDS = 150
"""Longer than two child processes may take (`limits.CHILD_WALL_SECONDS`)."""
MAX_TRIES = 3
"""After so many children that died, or workers, the photo goes without an inspection."""


def inspect(photo_id: int) -> None:
    """Measure the photo; nothing happens when it is not due, or somebody else has it."""
    photo = _claim(photo_id)
    if photo is None:
        return
    reach("photos.inspection_claimed")
    if photo.inspection_tries > MAX_TRIES:
        _end(photo, inspection={})
        return
    try:
        measures = _measured(photo)
    except intake.Interrupted:
        _due(photo).update(inspection_due_at=in_seconds(1.0))
    except (intake.Unreadable, FileNotFoundError):
        _end(photo, inspection={})
    else:
        kept = {"faces": measures["faces"], "phash": measures["phash"]}
        _end(photo, inspection=measures, **kept)


def inspect_again(photo: Photo) -> None:
    """Let the photo be measured anew, because another part of it is sent. Call it in the change's transaction."""
    Photo.objects.filter(pk=photo.pk).update(inspection_due_at=Now(), inspection_tries=0)
    enqueue("inspect_photo", photo.pk)


def _claim(photo_id: int) -> Photo | None:
    due = Photo.objects.due_for_inspection().filter(pk=photo_id)
    if due.update(inspection_due_at=in_seconds(LEASE_SECONDS), inspection_tries=F("inspection_tries") + 1) != 1:
        return None
    return Photo.objects.select_related("workspace").get(pk=photo_id)


def _measured(photo: Photo) -> Measures:
    """What is measured of the photo; of a part that has more pixels than the prepared copy, the part itself tells how
    sharp it is and how the light falls."""
    measures = intake.inspect(storage.source(photo.prepared), photo.crop_box)
    if photo.cropped_width <= parts.pixels(photo.crop_box, (photo.width, photo.height))[2]:
        return measures
    close = intake.inspect(storage.source(photo.cropped), parts.WHOLE)
    return {**measures, "blur": close["blur"], "light": close["light"]}


def _due(photo: Photo) -> QuerySet[Photo]:
    return Photo.objects.filter(pk=photo.pk, inspection_due_at=photo.inspection_due_at)


def _end(photo: Photo, **measured: object) -> None:
    with transaction.atomic():
        photo.workspace.lock()
        if _due(photo).update(inspection_due_at=None, inspection_tries=0, **measured) == 1:
            recount(photo.workspace, photo.photo_set_id, photo.pk)
