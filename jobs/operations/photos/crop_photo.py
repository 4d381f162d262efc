"""Cut out the part of a photo that providers get. The upright photo stays whole, so that it can be cropped anew.

The row is the schedule, as for uploads: a turn is taken by moving `crop_due_at` on, and what was made is kept only
while that still stands. Files of a former crop are given up with it; an order under way keeps those it was sent
(`cleanup.orphans`).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import OrphanedFile, Photo, PhotoSet
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.photos.count_photos import recount
from jobs.operations.photos.inspect_photo import inspect_again
from jobs.photos import crop as parts
from jobs.photos import intake
from jobs.photos.crop import Mode, Shape
from jobs.photos.inspection.measures import Box

LEASE_SECONDS = 150
"""Longer than two child processes may take (`limits.CHILD_WALL_SECONDS`)."""
PAUSE_SECONDS = 60
MAX_TRIES = 3
"""After so many children that died, the photo is whole again."""
MOST_CLAIMS = 10
"""After so many workers that died over it, too."""

NOT_CROPPED: dict[str, Any] = {"cropped": "", "cropped_thumbnail": "", "cropped_width": 0, "cropped_height": 0}

HINTS = 4
"""Hints at photos that were cropped at once: whoever takes one goes on with the others by itself."""


@dataclass(frozen=True)
class Crop:
    """The part of a photo that somebody chose, and how."""

    mode: Mode
    shape: Shape
    box: Box


def crop(photo: Photo, chosen: Crop | None) -> None:
    """Send the *chosen* part of the photo from now on, or all of it."""
    with transaction.atomic():
        photo.workspace.lock()
        if _write(photo, chosen):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
            _hint(photo)


def crop_all(photo_set: PhotoSet, mode: Mode | None, shape: Shape, *, spare_by_hand: bool) -> int:
    """Crop all photos of the set that are ready, or none of them when *mode* is None; how many changed."""
    with transaction.atomic():
        photo_set.workspace.lock()
        photos = to_crop(list(photo_set.photos.ready().in_order()), spare_by_hand=spare_by_hand)
        changed = [photo for photo in photos if _write(photo, automatic(photo, mode, shape))]
        if changed:
            recount(photo_set.workspace, photo_set.pk, *(photo.pk for photo in changed))
            _hint(*changed[:HINTS])
    return len(changed)


def to_crop(photos: list[Photo], *, spare_by_hand: bool) -> list[Photo]:
    """Those of *photos* that a crop of all changes."""
    return [photo for photo in photos if not (spare_by_hand and (photo.crop or {}).get("mode") == Mode.HAND.value)]


def automatic(photo: Photo, mode: Mode | None, shape: Shape) -> Crop | None:
    """The crop that the *mode* makes of the photo; None where that is all of it."""
    if mode is None:
        return None
    box = parts.automatic(mode, shape, (photo.width, photo.height), photo.faces)
    return None if box == parts.WHOLE else Crop(mode, shape, box)


def make(photo_id: int) -> None:
    """Make the photo's crop; nothing happens when it is not due, or somebody else has it."""
    due = Photo.objects.due_for_cropping().filter(pk=photo_id)
    if due.update(crop_due_at=in_seconds(LEASE_SECONDS), crop_tries=F("crop_tries") + 1) == 1:
        _make(Photo.objects.select_related("workspace").get(pk=photo_id))


def made_now(photo: Photo) -> str:
    """Make the photo's crop without waiting for its turn: the name it is stored by, empty when it cannot be made.

    Whoever else is at it makes the same file.
    """
    unmade = Photo.objects.filter(pk=photo.pk, crop_due_at__isnull=False)
    if unmade.update(crop_due_at=in_seconds(LEASE_SECONDS), crop_tries=F("crop_tries") + 1) == 1:
        _make(Photo.objects.select_related("workspace").get(pk=photo.pk))
    photo.refresh_from_db(fields=["crop", "cropped"])
    return photo.cropped


def cut(photo: Photo, box: Box) -> str:
    """Cut *box* out without noting it on the photo: the name it is stored by, empty when it cannot be cut."""
    try:
        return storage.put(photo.workspace_id, "prepared", _cut(photo, box).jpeg, ".jpg").name
    except (intake.Unreadable, FileNotFoundError, storage.Full):
        return ""


def _make(photo: Photo) -> None:
    reach("photos.crop_claimed")
    if photo.crop_tries > MOST_CLAIMS:
        _end(photo, crop=None)
        return
    try:
        _keep(photo, _cut(photo, photo.crop_box))
    except intake.Interrupted:
        _end(photo, crop=None) if photo.crop_tries >= MAX_TRIES else _waiting(photo).update(crop_due_at=in_seconds(1.0))
    except (intake.Unreadable, FileNotFoundError):
        _end(photo, crop=None)
    except storage.Full:
        _waiting(photo).update(crop_due_at=in_seconds(PAUSE_SECONDS), crop_tries=F("crop_tries") - 1)


def _keep(photo: Photo, made: intake.Prepared) -> None:
    jpeg = storage.put(photo.workspace_id, "prepared", made.jpeg, ".jpg")
    thumbnail = storage.put(photo.workspace_id, "thumbnails", made.thumbnail, ".webp")
    reach("photos.crop_stored")
    size = {"cropped_width": made.width, "cropped_height": made.height}
    if not _end(photo, cropped=jpeg.name, cropped_thumbnail=thumbnail.name, **size):
        # It was cropped anew or removed meanwhile: the sweep keeps what a row has.
        _give_up(photo, jpeg.name, thumbnail.name)


def _end(photo: Photo, **result: Any) -> bool:
    with transaction.atomic():
        photo.workspace.lock()
        ended = _waiting(photo).update(crop_due_at=None, crop_tries=0, **result) == 1
        if ended:
            recount(photo.workspace, photo.photo_set_id, photo.pk)
            inspect_again(photo)
    return ended


def _waiting(photo: Photo) -> QuerySet[Photo]:
    return Photo.objects.filter(pk=photo.pk, crop_due_at=photo.crop_due_at)


def _cut(photo: Photo, box: Box) -> intake.Prepared:
    """The part *box*, out of the original where it would be too small otherwise. Raises as `intake.crop`."""
    if parts.is_cut_from_original(box, (photo.width, photo.height), photo.source_size):
        # Of what cannot be opened at its full size, or was removed a moment ago, there is still the prepared copy.
        with suppress(intake.Unreadable, FileNotFoundError):
            return intake.crop(storage.source(photo.original), box)
    return intake.crop(storage.source(photo.prepared), box)


def _write(photo: Photo, chosen: Crop | None) -> bool:
    """Note what is to be sent of the photo; False when that is so already. The caller has locked the workspace."""
    now = Photo.objects.get(pk=photo.pk)
    wanted = _as_json(chosen)
    if now.crop == wanted or now.state != Photo.State.READY:
        return False
    _give_up(photo, now.cropped, now.cropped_thumbnail)
    Photo.objects.filter(pk=photo.pk).update(
        crop=wanted, crop_due_at=Now() if wanted else None, crop_tries=0, **NOT_CROPPED
    )
    if not wanted:
        inspect_again(photo)
    return True


def _hint(*photos: Photo) -> None:
    for photo in photos:
        enqueue("crop_photo", photo.pk)


def _as_json(chosen: Crop | None) -> dict[str, Any] | None:
    if chosen is None:
        return None
    return {"mode": chosen.mode.value, "shape": chosen.shape.value, "box": list(chosen.box)}


def _give_up(photo: Photo, *names: str) -> None:
    OrphanedFile.objects.bulk_create(OrphanedFile(workspace_id=photo.workspace_id, name=name) for name in names if name)
