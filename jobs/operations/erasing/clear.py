"""Let rows give up what they hold. Their empty rows stay, because jobs and checkpoints name them.

Each row is cleared in the transaction that dooms its files, so that a process that dies leaves neither a file that
nobody knows of nor a row whose file is gone.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from dashboard.models import Workspace
from jobs.models import Checkpoint, DoomedFile, GeneratedImage, Job, Photo, PhotoSet
from jobs.models.job import OPEN_STATES
from jobs.operations.transitions import change, locked

AT_ONCE = 200
KEPT = {
    *("id", "workspace", "photo_set", "consent", "picked_from", "upload_nonce", "position"),
    *("created_at", "deleted_at", "next_action_at", "version", "width", "height"),
}
"""What stays of a photo that was removed: enough to know which one it was, and nothing of what it showed."""
NO_PHOTO: dict[str, Any] = {
    **{field.name: field.get_default() for field in Photo._meta.concrete_fields if field.name not in KEPT},
    "state": Photo.State.REFUSED,  # so that nobody who makes it ready at this moment fills it again
    "erased_at": Now(),
}
"""All other columns, emptied."""

AT_ONCE_GONE: dict[str, Any] = {"deleted_at": Now(), "erase_at": Now()}
"""Deleted, without undo."""


def clear_due() -> None:
    """Clear whatever was deleted so long ago that nobody can bring it back."""
    for photo_set in PhotoSet.objects.to_erase().select_related("workspace")[:AT_ONCE]:
        _clear_set(photo_set)
    for photos in _by_workspace(Photo.objects.to_erase().select_related("workspace")[:AT_ONCE]):
        free = _without_those_under_way(photos)
        take_off_jobs(photos[0].workspace, free)
        photos_gone(photos[0].workspace, free)
    for job_id in _jobs(GeneratedImage.objects.to_erase()):
        _images_gone(job_id)
    for job_id in _jobs(Checkpoint.objects.to_erase()):
        _checkpoints_gone(job_id)


def take_off_jobs(workspace: Workspace, photos: Sequence[Photo]) -> None:
    """Let jobs keep nothing of *photos* on their row: no thumbnail, no caption. Call it before the workspace is
    locked."""
    thumbnails, ids = {photo.thumbnail for photo in photos} - {""}, {photo.pk for photo in photos}
    rows = workspace.jobs.exclude(photo_ids=[]).values_list("pk", "thumbnails", "photo_ids")
    for pk, shown, used in list(rows) if photos else ():
        if thumbnails.intersection(shown) or ids.intersection(used):
            _take_off(pk, thumbnails, {str(photo) for photo in ids})


def _take_off(job_id: int, thumbnails: set[str], photo_ids: set[str]) -> None:
    with locked(job_id) as job:
        change(
            job,
            thumbnails=[name for name in job.thumbnails if name not in thumbnails],
            sent_photos={pk: sent for pk, sent in job.sent_photos.items() if pk not in photo_ids},
        )


@transaction.atomic
def photos_gone(workspace: Workspace, photos: Sequence[Photo]) -> None:
    """Remove everything of *photos*, which are deleted. Before it, `take_off_jobs`."""
    if not photos:
        return
    workspace.lock()
    _doom(workspace, chain.from_iterable(photo.file_names for photo in photos))
    ids = [photo.pk for photo in photos]
    Photo.objects.filter(pk__in=ids).update(**NO_PHOTO)


def _images_gone(job_id: int) -> None:
    """Remove the files of those of a job's pictures that cannot be brought back any more."""
    with locked(job_id) as job:
        over = job.generated_images.to_erase().only("file", "thumbnail").in_bulk()
        _doom(job.workspace, chain.from_iterable((image.file, image.thumbnail) for image in over.values()))
        cleared = GeneratedImage.objects.filter(pk__in=over)
        cleared.update(file="", thumbnail="", sha256="", prompt="", artifact={}, settings={}, erase_at=None)


def _checkpoints_gone(job_id: int) -> None:
    """The same of its checkpoints."""
    with locked(job_id) as job:
        over = job.checkpoints.to_erase().only("file").in_bulk()
        _doom(job.workspace, (checkpoint.file for checkpoint in over.values()))
        Checkpoint.objects.filter(pk__in=over).update(file="", sha256="", artifact={}, erase_at=None)


@transaction.atomic
def originals_gone(photos: Sequence[Photo]) -> None:
    """Remove the files of *photos*, all of one workspace, as they came; the copies made of them stay."""
    if photos:
        photos[0].workspace.lock()
        _doom(photos[0].workspace, (photo.original for photo in photos))
        Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(original="")


def _clear_set(photo_set: PhotoSet) -> None:
    photos = list(photo_set.photos.filter(erased_at=None))
    free = _without_those_under_way(photos)
    take_off_jobs(photo_set.workspace, free)
    with transaction.atomic():
        photo_set.workspace.lock()
        photos_gone(photo_set.workspace, free)
        Photo.objects.filter(pk__in=[photo.pk for photo in free], deleted_at=None).update(deleted_at=Now())
        if len(free) == len(photos):
            PhotoSet.objects.filter(pk=photo_set.pk).update(erase_at=None, cover=[], photo_count=0)


def _without_those_under_way(photos: Sequence[Photo]) -> list[Photo]:
    """*photos* of one workspace, less those that an order on its way may still need."""
    if not photos:
        return []
    under_way = Job.objects.filter(workspace=photos[0].workspace_id, state__in=OPEN_STATES).exclude(photo_ids=[])
    needed = set(chain.from_iterable(under_way.values_list("photo_ids", flat=True)))
    return [photo for photo in photos if photo.pk not in needed]


def _doom(workspace: Workspace, names: Iterable[str]) -> None:
    DoomedFile.objects.bulk_create(DoomedFile(workspace=workspace, name=name) for name in set(names) if name)


def _jobs(results: QuerySet[Any]) -> list[int]:
    return sorted(set(results.values_list("job_id", flat=True)[:AT_ONCE]))


def _by_workspace(rows: "Iterable[Any]") -> Iterable[list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.workspace_id, []).append(row)
    return found.values()
