"""Photo sets: made, filled from samples or the gallery, copied, split, renamed, put away, deleted and brought back."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import AuditEntry, User, Workspace
from jobs import versions
from jobs.files import storage
from jobs.files.picture_downloads import file_name
from jobs.models import GeneratedImage, Photo, PhotoSet
from jobs.operations.cleanup import retention
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import NoRoom, Refusal, Upload, add
from jobs.operations.photos.counts import recount

SAMPLES_NAME = "Pip, a clay bird (sample)"
SECOND_PRESS = timedelta(minutes=1)
"""So soon after, the same empty set is asked for by the same person because an answer got lost, or a button twice."""
STILL_WAITING = "Some photos are still getting ready. Copy the set when they are."
PICTURE_GONE = "The file of this picture is not here any more."


def make(workspace: Workspace, user: User, name: str, subject: str) -> PhotoSet:
    """A set without photos: a new one, or the one that was made a moment ago by a first press."""
    with transaction.atomic():
        # The version's lock makes a second press wait and then find what the first one made.
        version = versions.touch(workspace)
        made = workspace.photo_sets.present().filter(created_at__gt=timezone.now() - SECOND_PRESS, photos=None)
        twin = made.filter(name=name, subject=subject, created_by=user).first()
        return twin or workspace.photo_sets.create(name=name, subject=subject, created_by=user, version=version)


def make_from_samples(workspace: Workspace, user: User) -> PhotoSet:
    """The workspace's set of sample photos, made when there is none. Raises NotPossible when none came with us."""
    samples = sample_photos()
    if not samples:
        raise NotPossible("This installation came without sample photos. Start with photos of your own.")
    with transaction.atomic():
        # The version's lock makes a second press wait and then find the first one's set.
        version = versions.touch(workspace)
        existing = workspace.photo_sets.present().filter(name=SAMPLES_NAME).first()
        photo_set: PhotoSet = existing or workspace.photo_sets.create(
            name=SAMPLES_NAME, subject=PhotoSet.Subject.OBJECT, created_by=user, version=version
        )
    for position, path in enumerate(samples):
        content = path.read_bytes()
        add(photo_set, Upload(f"sample-{path.stem}", path.name, len(content), [content], position))
    return photo_set


def sample_photos() -> list[Path]:
    """The photos that come with the product, drawn by us."""
    return sorted(Path(settings.BASE_DIR, "static", "samples").glob("pip-*.jpg"))


def pick(photo_set: PhotoSet, images: Iterable[GeneratedImage], nonce: str) -> tuple[list[Photo], list[Refusal]]:
    """Add *images* of the gallery, which come with their jobs: each becomes a photo like those that were sent, and
    knows its image. The *nonce* of the form makes a second press harmless."""
    last = photo_set.photos.aggregate(last=Max("position"))["last"]
    photos: list[Photo] = []
    refusals: list[Refusal] = []
    for position, image in enumerate(images, start=0 if last is None else last + 1):
        try:
            with storage.open(image.file) as file:
                upload = Upload(f"{nonce}-{image.pk}", file_name(image), file.size, file.chunks(), position)
                photos.append(add(photo_set, upload, picked_from=image))
        except FileNotFoundError:
            refusals.append(Refusal.of(file_name(image), NotPossible(PICTURE_GONE)))
        except NotPossible as problem:
            refusals.append(Refusal.of(file_name(image), problem))
            if isinstance(problem, NoRoom):
                break
    return photos, refusals


def copy(photo_set: PhotoSet, user: User) -> PhotoSet:
    """A new set with the same photos, captions and consents; its files are the same ones, so it takes no room.

    Raises NotPossible while photos wait to be made ready: their copies would be made ready twice.
    """
    with transaction.atomic():
        if photo_set.photos.waiting().exists():
            raise NotPossible(STILL_WAITING)
        # The version's lock keeps away whoever removes files that no row has.
        made = _beside(photo_set, user, f"{photo_set.name[:73]} (copy)")
        photos = list(photo_set.photos.ready().in_order())
        for photo in photos:
            photo.pk, photo.photo_set, photo._state.adding = None, made, True
        Photo.objects.bulk_create(photos)
        recount(photo_set.workspace, made.pk)
        AuditEntry.note(photo_set.workspace, user, "photo_set.copied", f"{user} copied the photos of {photo_set.name}.")
    return made


def split(photo_set: PhotoSet, user: User, name: str, photo_ids: Sequence[int]) -> PhotoSet:
    """A new set called *name* with those of the photos, which leave this one. Jobs keep the photos they were sent."""
    with transaction.atomic():
        made = _beside(photo_set, user, name)
        moved = photo_set.photos.present().filter(pk__in=photo_ids)
        ids = list(moved.values_list("pk", flat=True))
        Photo.objects.filter(pk__in=ids).update(photo_set=made)
        recount(photo_set.workspace, made.pk, *ids)
        recount(photo_set.workspace, photo_set.pk)
        said = f"{user} moved photos of {photo_set.name} to {name}."
        AuditEntry.note(photo_set.workspace, user, "photo_set.split", said)
    return made


def _beside(photo_set: PhotoSet, user: User, name: str) -> PhotoSet:
    """A set for photos of *photo_set*. Consents go where the photos go."""
    version = versions.touch(photo_set.workspace)
    fields = {"name": name, "subject": photo_set.subject, "created_by": user, "version": version}
    made = photo_set.workspace.photo_sets.create(**fields)
    made.consents.add(*photo_set.consents.standing())
    return made


def rename(photo_set: PhotoSet, name: str, subject: str) -> None:
    """Change what the set is called and what it shows."""
    with transaction.atomic():
        version = versions.touch(photo_set.workspace)
        PhotoSet.objects.filter(pk=photo_set.pk).update(version=version, name=name, subject=subject)


def archive(photo_set: PhotoSet, user: User) -> None:
    """Keep the set out of the way: off the list, not offered for trainings. Everything stays; twice is once."""
    said = f"{user} put the photos of {photo_set.name} into the archive."
    _move(photo_set, user, Q(archived_at=None), "photo_set.archived", said, archived_at=Now())


def unarchive(photo_set: PhotoSet, user: User) -> None:
    """Put the set back on the list."""
    said = f"{user} took the photos of {photo_set.name} out of the archive."
    _move(photo_set, user, Q(archived_at__isnull=False), "photo_set.unarchived", said, archived_at=None)


def delete(photo_set: PhotoSet, user: User) -> None:
    """Take the set off every page. What was made of it stays; its photos are removed when undo is over."""
    said = f"{user} deleted the photos of {photo_set.name}."
    _move(
        photo_set, user, Q(deleted_at=None), "photo_set.deleted", said, deleted_at=Now(), erase_at=retention.undo_ends()
    )


def restore(photo_set: PhotoSet, user: User) -> None:
    """Bring the set back. Raises NotPossible when its time is over."""
    said = f"{user} brought back the photos of {photo_set.name}."
    _move(photo_set, user, retention.RESTORABLE, "photo_set.restored", said, deleted_at=None, erase_at=None)
    if not PhotoSet.objects.present().filter(pk=photo_set.pk).exists():
        raise NotPossible(retention.TOO_LATE)


@transaction.atomic
def _move(photo_set: PhotoSet, user: User, stands: Q, action: str, sentence: str, **changes: Any) -> None:
    """Write *changes* and note them, as long as the set *stands* otherwise."""
    version = versions.touch(photo_set.workspace)
    if PhotoSet.objects.filter(stands, pk=photo_set.pk).update(version=version, **changes):
        AuditEntry.note(photo_set.workspace, user, action, sentence)
