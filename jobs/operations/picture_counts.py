"""What a job's row says of its pictures."""

from jobs.models import GeneratedImage, Job

STRIP = 4


def count_pictures(job_id: int, version: int) -> None:
    """Write the number of shown images and the first thumbnails to the job's row, as of *version*."""
    images = GeneratedImage.objects.shown().filter(job=job_id)
    strip = images.order_by("is_sample", "position", "pk").values_list("thumbnail", flat=True)[:STRIP]
    Job.objects.filter(pk=job_id).update(image_count=images.count(), thumbnails=list(strip), version=version)
