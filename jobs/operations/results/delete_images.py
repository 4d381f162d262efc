"""Take generated images out of the gallery, and put them back. Their files stay, so that undo is always whole."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from dashboard.models import Membership
from jobs.models import GeneratedImage
from jobs.models.result import GeneratedImageQuerySet
from jobs.operations.results.count_results import recount_locked
from jobs.operations.transitions import locked


def delete(member: Membership, ids: Sequence[int]) -> list[int]:
    """Delete those of the images that *member* may delete; the ids of the deleted ones."""
    return _move(member, GeneratedImage.objects.shown().filter(pk__in=ids), timezone.now())


def restore(member: Membership, ids: Sequence[int]) -> list[int]:
    """Bring back those of the deleted images that *member* may delete; the ids of those that are back."""
    return _move(member, GeneratedImage.objects.filter(pk__in=ids, deleted_at__isnull=False), None)


def _move(member: Membership, images: GeneratedImageQuerySet, deleted_at: datetime | None) -> list[int]:
    images = images.filter(workspace=member.workspace).deletable_by(member)
    moved: list[int] = []
    # One transaction for each job: it locks the job before the workspace, as all others do.
    for job_id in sorted(set(images.values_list("job_id", flat=True))):
        with locked(job_id) as job:
            ids = list(images.filter(job=job).values_list("pk", flat=True))
            GeneratedImage.objects.filter(pk__in=ids).update(deleted_at=deleted_at)
            recount_locked(job)
        moved += ids
    return moved
