"""Take generated images out of the gallery, and put them back. Their files stay, so that undo is always whole."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dashboard.models import Membership
from jobs import versions
from jobs.models import GeneratedImage
from jobs.models.result import GeneratedImageQuerySet
from jobs.operations.picture_counts import count_pictures


def delete(member: Membership, ids: Sequence[int]) -> list[int]:
    """Delete those of the images that *member* may delete; the ids of the deleted ones."""
    return _move(member, GeneratedImage.objects.shown().filter(pk__in=ids), timezone.now())


def restore(member: Membership, ids: Sequence[int]) -> list[int]:
    """Bring back those of the deleted images that *member* may delete; the ids of those that are back."""
    return _move(member, GeneratedImage.objects.filter(pk__in=ids, deleted_at__isnull=False), None)


@transaction.atomic
def _move(member: Membership, images: GeneratedImageQuerySet, deleted_at: datetime | None) -> list[int]:
    workspace = member.workspace
    if not images.filter(workspace=workspace).deletable_by(member).exists():
        return []
    # Raising the version locks the workspace's row, so of two people who delete the same pictures one comes second.
    version = versions.touch(workspace)
    found = dict(images.filter(workspace=workspace).deletable_by(member).values_list("pk", "job_id"))
    GeneratedImage.objects.filter(pk__in=found).update(deleted_at=deleted_at)
    for job_id in set(found.values()):
        count_pictures(job_id, version)
    return list(found)
