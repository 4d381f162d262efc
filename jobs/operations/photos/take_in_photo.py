"""Make an upload ready: decode it, turn it upright, strip it, keep the copies that pages and providers get.

The row is the schedule: `next_action_at` is moved on before the work starts, so a worker that dies loses its turn and
nothing else. Doing it twice is harmless, because files are named by their content and the row changes state once.
"""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import OrphanedFile, Photo
from jobs.operations.clock import in_seconds
from jobs.operations.failpoints import reach
from jobs.operations.photos.count_photos import recount
from jobs.photos import intake

LEASE_SECONDS = 20
"""How long a turn lasts. It goes on for as long as the photo is being opened, so this is what a dead worker costs."""
PAUSE_SECONDS = 60
MAX_TRIES = 3
"""So often may a photo stop the child that opens it."""
MOST_CLAIMS = 10
"""So often may a worker die over a photo before the photo is taken for the cause."""
GONE = "The file was lost before it could be read. Send it again."
GAVE_UP = "This photo could not be read: opening it failed three times. Save it as a JPEG and send that."


def take_in(photo_id: int) -> None:
    """Make the photo ready or refuse it; nothing happens when it is not due, or somebody else has it."""
    photo = _claim(photo_id)
    if photo is None:
        return
    reach("photos.claimed")
    if photo.tries > MOST_CLAIMS:
        _refuse(photo, GAVE_UP)
        return
    try:
        original = storage.source(photo.original)
        _keep(photo, intake.prepare(original, meanwhile=lambda: _next_turn(photo, seconds=LEASE_SECONDS)))
    except intake.Interrupted:
        _refuse(photo, GAVE_UP) if photo.tries >= MAX_TRIES else _next_turn(photo, seconds=1.0)
    except intake.Unreadable as unreadable:
        _refuse(photo, unreadable.sentence)
    except FileNotFoundError:
        _refuse(photo, GONE)
    except storage.Full:
        # No fault of the photo's, so it costs no try: it waits until there is room again.
        _next_turn(photo, seconds=PAUSE_SECONDS, tries=F("tries") - 1)


def _claim(photo_id: int) -> Photo | None:
    due = Photo.objects.filter(pk=photo_id, state=Photo.State.WAITING, deleted_at=None, next_action_at__lte=Now())
    if due.update(next_action_at=in_seconds(LEASE_SECONDS), tries=F("tries") + 1) != 1:
        return None
    return Photo.objects.select_related("workspace").get(pk=photo_id)


def _keep(photo: Photo, prepared: intake.Prepared) -> None:
    jpeg = storage.put(photo.workspace_id, "prepared", prepared.jpeg, ".jpg")
    thumbnail = storage.put(photo.workspace_id, "thumbnails", prepared.thumbnail, ".webp")
    reach("photos.stored")
    ended = _end(
        photo,
        state=Photo.State.READY,
        prepared=jpeg.name,
        thumbnail=thumbnail.name,
        width=prepared.width,
        height=prepared.height,
        full_width=prepared.full[0],
        full_height=prepared.full[1],
        inspection_due_at=Now(),
    )
    if not ended:
        # It was removed meanwhile, or somebody else made it ready: the sweep keeps what a row has.
        orphans = (OrphanedFile(workspace=photo.workspace, name=file.name) for file in (jpeg, thumbnail))
        OrphanedFile.objects.bulk_create(orphans)


def _refuse(photo: Photo, sentence: str) -> None:
    _end(photo, state=Photo.State.REFUSED, refusal=sentence[:300])


def _end(photo: Photo, **result: object) -> bool:
    with transaction.atomic():
        photo.workspace.lock()
        ended = Photo.objects.filter(pk=photo.pk, state=Photo.State.WAITING).update(**result) == 1
        if ended:
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    return ended


def _next_turn(photo: Photo, seconds: float, **changes: object) -> None:
    """Let the photo be tried again after *seconds*, unless it was ended meanwhile."""
    waiting = Photo.objects.filter(pk=photo.pk, state=Photo.State.WAITING)
    waiting.update(next_action_at=in_seconds(seconds), **changes)
