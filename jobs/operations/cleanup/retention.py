"""For how long deleted things can be brought back, and what is left of them afterwards: rows give up what they hold.

Their empty rows stay, because jobs and checkpoints name them. Each row is cleared in the transaction that notes its
files as orphans, so that a process that dies leaves neither a file that nobody knows of nor a row whose file is gone.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from dashboard.models import Workspace
from jobs.models import Checkpoint, GeneratedImage, Job, JobPhoto, Photo, PhotoSet
from jobs.operations.cleanup import orphans
from jobs.operations.clock import in_seconds
from jobs.operations.jobs.state import change, locked

TOO_LATE = "It is too late to bring this back: it was deleted for good."

RESTORABLE = Q(deleted_at__isnull=False, erase_at__gt=Now())
"""What was deleted and can still be brought back."""

FOR_GOOD: dict[str, Any] = {"deleted_at": Now(), "erase_at": Now()}
"""Deleted, without undo."""

AT_ONCE = 200
KEPT_COLUMNS = {
    *("id", "workspace", "photo_set", "consent", "picked_from", "upload_nonce", "position"),
    *("created_at", "deleted_at", "next_action_at", "version", "width", "height"),
}
"""What stays of a photo that was removed: enough to know which one it was, and nothing of what it showed."""
CLEARED_PHOTO: dict[str, Any] = {
    **{field.name: field.get_default() for field in Photo._meta.concrete_fields if field.name not in KEPT_COLUMNS},
    "state": Photo.State.REFUSED,  # so that nobody who makes it ready at this moment fills it again
    "erased_at": Now(),
}
"""All other columns, emptied."""


def undo_ends() -> CombinedExpression:
    """The moment from which on what is deleted now cannot be brought back."""
    return in_seconds(settings.UNDO_HOURS * 3600)


def enforce() -> None:
    """Clear rows whose time for undo is over, what arrived for withdrawn jobs, and files that no row has any more.

    The sweep calls it: it may die anywhere and be done twice.
    """
    _delete_late_arrivals()
    # In workspaces that keep no originals they go once the copies without metadata are made of them.
    for workspace in Workspace.objects.filter(keep_originals=False):
        ready = Photo.objects.filter(workspace=workspace, state=Photo.State.READY).exclude(original="")
        clear_originals(list(ready.select_related("workspace")[:AT_ONCE]))
    clear_due()
    orphans.remove_due()


def clear_due() -> None:
    """Clear whatever was deleted so long ago that nobody can bring it back."""
    for photo_set in PhotoSet.objects.to_erase().select_related("workspace")[:AT_ONCE]:
        _clear_set(photo_set)
    due: dict[int, list[Photo]] = {}
    for photo in Photo.objects.to_erase().select_related("workspace")[:AT_ONCE]:
        due.setdefault(photo.workspace_id, []).append(photo)
    for photos in due.values():
        free = _without_those_under_way(photos)
        take_off_jobs(photos[0].workspace, free)
        clear_photos(photos[0].workspace, free)
    for job_id in _jobs(GeneratedImage.objects.to_erase()):
        with locked(job_id) as job:
            images = job.generated_images.to_erase().only("file", "thumbnail").in_bulk()
            names = chain.from_iterable((image.file, image.thumbnail) for image in images.values())
            orphans.add(job.workspace_id, names)
            cleared = GeneratedImage.objects.filter(pk__in=images)
            words: dict[str, Any] = {"prompt": "", "search_text": "", "settings": {}}
            cleared.update(file="", thumbnail="", sha256="", artifact={}, erase_at=None, **words)
    for job_id in _jobs(Checkpoint.objects.to_erase()):
        with locked(job_id) as job:
            checkpoints = job.checkpoints.to_erase().only("file").in_bulk()
            orphans.add(job.workspace_id, (checkpoint.file for checkpoint in checkpoints.values()))
            Checkpoint.objects.filter(pk__in=checkpoints).update(file="", sha256="", artifact={}, erase_at=None)


def take_off_jobs(workspace: Workspace, photos: Sequence[Photo]) -> None:
    """Let jobs keep nothing of *photos*: no thumbnail, no caption. Call it before the workspace is locked."""
    thumbnails = {name for photo in photos for name in (photo.thumbnail, photo.cropped_thumbnail)} - {""}
    shown = Q(photo_set__in={photo.photo_set_id for photo in photos})  # their rows begin with the set's cover
    using = workspace.jobs.filter(Q(job_photos__photo__in=photos) | shown).distinct()
    for pk in using.values_list("pk", flat=True) if photos else ():
        with locked(pk) as job:
            job.job_photos.filter(photo__in=photos).forget()
            left = [name for name in job.thumbnails if name not in thumbnails]
            if left != job.thumbnails:
                change(job, thumbnails=left)


@transaction.atomic
def clear_photos(workspace: Workspace, photos: Sequence[Photo]) -> None:
    """Remove everything of *photos*, which are deleted. Before it, `take_off_jobs`."""
    if not photos:
        return
    workspace.lock()
    orphans.add(workspace.pk, chain.from_iterable(photo.file_names for photo in photos))
    ids = [photo.pk for photo in photos]
    Photo.objects.filter(pk__in=ids).update(**CLEARED_PHOTO)


@transaction.atomic
def clear_originals(photos: Sequence[Photo]) -> None:
    """Remove the files of *photos*, all of one workspace, as they came; the copies made of them stay."""
    if photos:
        photos[0].workspace.lock()
        orphans.add(photos[0].workspace_id, (photo.original for photo in photos))
        Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(original="")


def _clear_set(photo_set: PhotoSet) -> None:
    photos = list(photo_set.photos.filter(erased_at=None))
    free = _without_those_under_way(photos)
    take_off_jobs(photo_set.workspace, free)
    with transaction.atomic():
        photo_set.workspace.lock()
        clear_photos(photo_set.workspace, free)
        Photo.objects.filter(pk__in=[photo.pk for photo in free], deleted_at=None).update(deleted_at=Now())
        if len(free) == len(photos):
            PhotoSet.objects.filter(pk=photo_set.pk).update(erase_at=None, cover=[], photo_count=0)


def _without_those_under_way(photos: Sequence[Photo]) -> list[Photo]:
    """*photos* of one workspace, less those that an order on its way may still need."""
    if not photos:
        return []
    needed = set(JobPhoto.objects.of_open_jobs().filter(photo__in=photos).values_list("photo_id", flat=True))
    return [photo for photo in photos if photo.pk not in needed]


def _delete_late_arrivals() -> None:
    """Results that came after their job was deleted because somebody withdrew: nobody shall see them."""
    settled = Job.objects.filter(withdrawn_at__isnull=False, deleted_at__isnull=False, results_pending=False)
    recent = list(settled.order_by("-withdrawn_at").values_list("pk", flat=True)[:AT_ONCE])
    if not recent:
        return
    for model in (GeneratedImage, Checkpoint):
        late = model._default_manager.filter(job__in=recent, deleted_at=None)
        for job_id in sorted(set(late.values_list("job_id", flat=True))):
            with locked(job_id):
                late.filter(job=job_id).update(**FOR_GOOD)


def _jobs(results: QuerySet[Any]) -> list[int]:
    return sorted(set(results.values_list("job_id", flat=True)[:AT_ONCE]))
