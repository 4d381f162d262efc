"""What people decide about a photo that the report card speaks of: leave it out of trainings, use it again, keep it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jobs.models import Photo
from jobs.operations.photos.count_photos import recount
from jobs.photos.inspection.findings import Code


def leave_out(photo: Photo) -> None:
    """Start trainings without the photo from now on; it stays in the set."""
    _move(photo, timezone.now())


def use_again(photo: Photo) -> None:
    """Let trainings have the photo again."""
    _move(photo, None)


def keep_anyway(photo: Photo, code: Code) -> None:
    """Speak of this finding no more."""
    with transaction.atomic():
        recount(photo.workspace, photo.photo_set_id, photo.pk)
        kept = Photo.objects.values_list("kept_anyway", flat=True).get(pk=photo.pk)
        Photo.objects.filter(pk=photo.pk).update(kept_anyway=sorted({*kept, code.value}))


def _move(photo: Photo, excluded_at: datetime | None) -> None:
    with transaction.atomic():
        photo.workspace.lock()
        other_state = Photo.objects.filter(pk=photo.pk, excluded_at__isnull=excluded_at is not None)
        if other_state.update(excluded_at=excluded_at):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.excluded_at = excluded_at
