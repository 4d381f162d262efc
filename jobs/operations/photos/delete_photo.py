"""Take a photo out of its set, and put it back. Its files stay for the time of undo; then the sweep removes them."""

from django.db import transaction
from django.db.models.functions import Now

from jobs.models import Photo
from jobs.operations.cleanup import retention
from jobs.operations.errors import NotPossible
from jobs.operations.photos.count_photos import recount


def delete(photo: Photo) -> None:
    """Delete the photo; one that is deleted stays so."""
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
