"""Name a photo set anew, put it out of the way, delete it, bring it back. Files stay for the time of undo."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from jobs import versions
from jobs.models import PhotoSet
from jobs.operations.erasing import undo
from jobs.operations.errors import NotPossible


def rename(photo_set: PhotoSet, name: str, subject: str) -> None:
    """Change what the set is called and what it shows."""
    _write(photo_set, name=name, subject=subject)


def archive(photo_set: PhotoSet) -> None:
    """Keep the set out of the way: off the list, not offered for trainings. Everything stays."""
    _write(photo_set, archived_at=Now())


def unarchive(photo_set: PhotoSet) -> None:
    """Put the set back on the list."""
    _write(photo_set, archived_at=None)


def delete(photo_set: PhotoSet) -> None:
    """Take the set off every page. What was made of it stays; its photos are removed when undo is over."""
    _write(photo_set, deleted_at=Now(), erase_at=undo.over())


def restore(photo_set: PhotoSet) -> None:
    """Bring the set back. Raises NotPossible when its time is over."""
    with transaction.atomic():
        if PhotoSet.objects.filter(undo.RESTORABLE, pk=photo_set.pk).exists():
            _write(photo_set, deleted_at=None, erase_at=None)
        elif not PhotoSet.objects.present().filter(pk=photo_set.pk).exists():
            raise NotPossible(undo.TOO_LATE)


def _write(photo_set: PhotoSet, **changes: Any) -> None:
    with transaction.atomic():
        version = versions.touch(photo_set.workspace)
        PhotoSet.objects.filter(pk=photo_set.pk).update(version=version, **changes)
