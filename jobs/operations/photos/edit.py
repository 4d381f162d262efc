"""What people change about photos: captions, the part that is sent, what trainings get, and whether it stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from jobs.files import sidecars
from jobs.files.sidecars import Sidecar
from jobs.models import Photo, PhotoSet
from jobs.operations.cleanup import orphans, retention
from jobs.operations.enqueue import enqueue
from jobs.operations.errors import NotPossible
from jobs.operations.photos.counts import recount
from jobs.operations.photos.processing import INSPECT_ANEW
from jobs.photos import crop as parts
from jobs.photos.crop import Mode, Shape
from jobs.photos.inspection.findings import Code
from jobs.photos.inspection.measures import Box

NO_PHOTO = "No photo here has this name."
NOT_CROPPED: dict[str, Any] = {"cropped": "", "cropped_thumbnail": "", "cropped_width": 0, "cropped_height": 0}
CROPPERS = 4
"""Messages about photos that were cropped at once: whoever takes one goes on with the others by itself."""


def caption(photo: Photo, text: str) -> str:
    """Caption one photo; the caption that it had. What one person writes here, undoing a change of all leaves alone.

    A photo that was removed meanwhile stays empty.
    """
    with transaction.atomic():
        photo.workspace.lock()
        former = Photo.objects.values_list("caption", flat=True).get(pk=photo.pk)
        other = Photo.objects.ready().filter(pk=photo.pk).exclude(caption=text)
        if other.update(caption=text, former_caption=None):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.caption = text
    return former


def caption_if_empty(photo: Photo, text: str) -> None:
    """Caption a photo that nobody captioned yet."""
    with transaction.atomic():
        photo.workspace.lock()
        empty = Photo.objects.usable().filter(pk=photo.pk, caption="")
        if empty.exclude(caption=text).update(caption=text, former_caption=None):
            recount(photo.workspace, photo.photo_set_id, photo.pk)


def caption_all(photo_set: PhotoSet, captions: Mapping[int, str]) -> int:
    """Caption photos of the set, by their ids, those included that are still getting ready; how many changed."""
    with transaction.atomic():
        photo_set.workspace.lock()
        photos = list(photo_set.photos.usable().in_order())
        changed = [photo for photo in photos if captions.get(photo.pk, photo.caption) != photo.caption]
        if not changed:
            return 0
        photo_set.photos.update(former_caption=None)
        for photo in changed:
            photo.former_caption, photo.caption = photo.caption, captions[photo.pk]
        Photo.objects.bulk_update(changed, ["caption", "former_caption"])
        recount(photo_set.workspace, photo_set.pk, *(photo.pk for photo in changed))
    return len(changed)


def undo_captions(photo_set: PhotoSet) -> int:
    """Undo the last change of all captions, where nobody wrote another one since; how many came back."""
    with transaction.atomic():
        photo_set.workspace.lock()
        changed = photo_set.photos.usable().exclude(former_caption=None)
        ids = list(changed.values_list("pk", flat=True))
        if ids:
            Photo.objects.filter(pk__in=ids).update(caption=F("former_caption"))
            Photo.objects.filter(pk__in=ids).update(former_caption=None)
            recount(photo_set.workspace, photo_set.pk, *ids)
    return len(ids)


@dataclass(frozen=True)
class Matched:
    """The captions of text files by the ids of the photos they belong to, and which files are of no use, and why."""

    captions: dict[int, str] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def match_captions(photos: Sequence[Photo], found: Iterable[Sidecar]) -> Matched:
    """The text files *found*, matched with *photos* by their names. Raises what reading the files raises."""
    matched, stems = Matched(), sidecars.stems([photo.display_name for photo in photos])
    by_name = {sidecars.key(stem): photo.pk for stem, photo in zip(stems, photos, strict=True)}
    for one in found:
        photo = by_name.get(sidecars.key(one.stem))
        if one.wrong or photo is None:
            matched.wrong.append((one.name, one.wrong or NO_PHOTO))
        else:
            matched.captions[photo] = one.caption
    return matched


def caption_by_name(photo_set: PhotoSet, sidecar: Sidecar) -> None:
    """Caption the photo of the set that *sidecar* is named after. Raises NotPossible when it is of no use."""
    matched = match_captions(list(photo_set.photos.usable().in_order()), [sidecar])
    if matched.wrong:
        raise NotPossible(matched.wrong[0][1])
    caption_all(photo_set, matched.captions)


@dataclass(frozen=True)
class Crop:
    """The part of a photo that somebody chose, and how."""

    mode: Mode
    shape: Shape
    box: Box

    def as_json(self) -> dict[str, Any]:
        return {"mode": self.mode.value, "shape": self.shape.value, "box": list(self.box)}


def crop(photo: Photo, chosen: Crop | None) -> None:
    """Send the *chosen* part of the photo from now on, or all of it.

    The upright photo stays whole, so that it can be cropped anew.
    """
    with transaction.atomic():
        photo.workspace.lock()
        if _write_crop(photo, chosen):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
            enqueue("crop_photo", photo.pk)


def crop_all(photo_set: PhotoSet, mode: Mode | None, shape: Shape, *, spare_by_hand: bool) -> int:
    """Crop all photos of the set that are ready, or none of them when *mode* is None; how many changed."""
    with transaction.atomic():
        photo_set.workspace.lock()
        photos = to_crop(list(photo_set.photos.ready().in_order()), spare_by_hand=spare_by_hand)
        changed = [photo for photo in photos if _write_crop(photo, automatic_crop(photo, mode, shape))]
        if changed:
            recount(photo_set.workspace, photo_set.pk, *(photo.pk for photo in changed))
        for photo in changed[:CROPPERS]:
            enqueue("crop_photo", photo.pk)
    return len(changed)


def to_crop(photos: list[Photo], *, spare_by_hand: bool) -> list[Photo]:
    """Those of *photos* that a crop of all changes."""
    return [photo for photo in photos if not (spare_by_hand and (photo.crop or {}).get("mode") == Mode.HAND.value)]


def automatic_crop(photo: Photo, mode: Mode | None, shape: Shape) -> Crop | None:
    """The crop that the *mode* makes of the photo; None where that is all of it."""
    if mode is None:
        return None
    box = parts.automatic(mode, shape, (photo.width, photo.height), photo.faces)
    return None if box == parts.WHOLE else Crop(mode, shape, box)


def _write_crop(photo: Photo, chosen: Crop | None) -> bool:
    """Note what is to be sent of the photo; False when that is so already. The caller has locked the workspace.

    The files of a former crop are given up; an order under way keeps those it was sent.
    """
    now = Photo.objects.get(pk=photo.pk)
    wanted = chosen and chosen.as_json()
    if now.crop == wanted or now.state != Photo.State.READY:
        return False
    orphans.add(photo.workspace_id, [now.cropped, now.cropped_thumbnail])
    later = {"crop_due_at": Now()} if wanted else {"crop_due_at": None, **INSPECT_ANEW}
    Photo.objects.filter(pk=photo.pk).update(crop=wanted, crop_tries=0, **NOT_CROPPED, **later)
    if not wanted:
        enqueue("inspect_photo", photo.pk)
    return True


def leave_out(photo: Photo) -> None:
    """Start trainings without the photo from now on; it stays in the set."""
    _exclude(photo, timezone.now())


def use_again(photo: Photo) -> None:
    """Let trainings have the photo again."""
    _exclude(photo, None)


def keep_anyway(photo: Photo, code: Code) -> None:
    """Speak of this finding no more."""
    with transaction.atomic():
        recount(photo.workspace, photo.photo_set_id, photo.pk)
        kept = Photo.objects.values_list("kept_anyway", flat=True).get(pk=photo.pk)
        Photo.objects.filter(pk=photo.pk).update(kept_anyway=sorted({*kept, code.value}))


def _exclude(photo: Photo, excluded_at: datetime | None) -> None:
    with transaction.atomic():
        photo.workspace.lock()
        other_state = Photo.objects.filter(pk=photo.pk, excluded_at__isnull=excluded_at is not None)
        if other_state.update(excluded_at=excluded_at):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.excluded_at = excluded_at


def delete(photo: Photo) -> None:
    """Take the photo out of its set; its files stay for the time of undo. One that is deleted stays so."""
    with transaction.atomic():
        photo.workspace.lock()
        if Photo.objects.present().filter(pk=photo.pk).update(deleted_at=Now(), erase_at=retention.undo_ends()):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.refresh_from_db(fields=["deleted_at", "erase_at"])


def restore(photo: Photo) -> None:
    """Bring the photo back, in its old place. Raises NotPossible when its time is over."""
    with transaction.atomic():
        photo.workspace.lock()
        if Photo.objects.filter(retention.RESTORABLE, pk=photo.pk).update(deleted_at=None, erase_at=None):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
        elif not Photo.objects.present().filter(pk=photo.pk).exists():
            raise NotPossible(retention.TOO_LATE)
    photo.refresh_from_db(fields=["deleted_at", "erase_at"])
