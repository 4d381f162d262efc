"""Take generated images out of the gallery, and put them back. Their files stay for the time of undo."""

from collections.abc import Sequence
from typing import Any

from django.db.models.functions import Now

from dashboard.models import Membership
from jobs.models import GeneratedImage
from jobs.models.result import GeneratedImageQuerySet
from jobs.operations.cleanup import retention
from jobs.operations.jobs.state import locked
from jobs.operations.results.count_results import recount_locked


def delete(member: Membership, ids: Sequence[int]) -> list[int]:
    """Delete those of the images that *member* may delete; the ids of the deleted ones."""
    return _move(
        member, GeneratedImage.objects.shown().filter(pk__in=ids), deleted_at=Now(), erase_at=retention.undo_ends()
    )


def restore(member: Membership, ids: Sequence[int]) -> list[int]:
    """Bring back those of the deleted images that *member* may delete and that are still here; their ids."""
    return _move(
        member, GeneratedImage.objects.filter(retention.RESTORABLE, pk__in=ids), deleted_at=None, erase_at=None
    )


def _move(member: Membership, images: GeneratedImageQuerySet, **changes: Any) -> list[int]:
    images = images.filter(workspace=member.workspace).deletable_by(member)
    moved: list[int] = []
    # One transaction for each job: it locks the job before the workspace, as all others do.
    for job_id in sorted(set(images.values_list("job_id", flat=True))):
        with locked(job_id) as job:
            ids = list(images.filter(job=job).values_list("pk", flat=True))
            GeneratedImage.objects.filter(pk__in=ids).update(**changes)
            recount_locked(job)
        moved += ids
    return moved
