"""Name a photo set anew, delete it, bring it back. Photos and files stay, so that undo is always whole."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jobs import versions
from jobs.models import PhotoSet


def rename(photo_set: PhotoSet, name: str, subject: str) -> None:
    """Change what the set is called and what it shows."""
    _write(photo_set, name=name, subject=subject)


def delete(photo_set: PhotoSet) -> None:
    """Take the set off every page. Jobs that were ordered with it keep their photos."""
    _write(photo_set, deleted_at=timezone.now())


def restore(photo_set: PhotoSet) -> None:
    """Bring the set back."""
    _write(photo_set, deleted_at=None)


def _write(photo_set: PhotoSet, **changes: str | datetime | None) -> None:
    with transaction.atomic():
        version = versions.touch(photo_set.workspace)
        PhotoSet.objects.filter(pk=photo_set.pk).update(version=version, **changes)
