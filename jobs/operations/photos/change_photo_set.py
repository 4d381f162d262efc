"""Name a photo set anew, put it out of the way, delete it, bring it back. Files stay for the time of undo."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from dashboard.models import AuditEntry, User
from jobs import versions
from jobs.models import PhotoSet
from jobs.operations.cleanup import retention
from jobs.operations.errors import NotPossible


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
