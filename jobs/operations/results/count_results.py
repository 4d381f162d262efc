"""Keep on a job's row what lists show of its results: up to four pictures, and how many there are."""

from jobs.models import Checkpoint, GeneratedImage, Job
from jobs.operations.jobs.state import change, locked, show

SHOWN = 4


def recount(job_id: int) -> None:
    """Count the results of a job again, for example after pictures of it were deleted or brought back."""
    with locked(job_id) as job:
        recount_locked(job)


def recount_locked(job: Job) -> None:
    """The same for a job that the caller has locked."""
    images = job.generated_images.filter(state=GeneratedImage.State.READY, deleted_at=None)
    gone = [Checkpoint.State.MISSING, Checkpoint.State.EXPIRED]
    change(
        job,
        image_count=images.filter(is_sample=False).count(),
        checkpoint_count=job.checkpoints.exclude(state__in=gone).filter(deleted_at=None).count(),
        thumbnails=_thumbnails(job),
    )
    show(job)


def _thumbnails(job: Job) -> list[str]:
    """The first pictures; before there are any, the latest drawn during training, with photos where those are few."""
    images = job.generated_images.filter(state=GeneratedImage.State.READY, deleted_at=None)
    first = images.filter(is_sample=False).order_by("position", "id")
    latest = images.filter(is_sample=True).order_by("-position", "-id")
    if names := list(first.values_list("thumbnail", flat=True)[:SHOWN]):
        return names
    photos = job.photo_set.cover if job.photo_set and job.photo_count else []
    return [*latest.values_list("thumbnail", flat=True)[:SHOWN], *photos][:SHOWN]
