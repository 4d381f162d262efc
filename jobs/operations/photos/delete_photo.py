"""Take a photo out of its set, and put it back. Its files stay, so that undo is always whole."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jobs.models import Photo
from jobs.operations.photos.count_photos import recount


def delete(photo: Photo) -> None:
    """Delete the photo; one that is deleted stays so."""
    _move(photo, timezone.now())


def restore(photo: Photo) -> None:
    """Bring the photo back, in its old place."""
    _move(photo, None)


def _move(photo: Photo, deleted_at: datetime | None) -> None:
    with transaction.atomic():
        other_state = Photo.objects.filter(pk=photo.pk, deleted_at__isnull=deleted_at is not None)
        if other_state.update(deleted_at=deleted_at):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.deleted_at = deleted_at
