"""What the image page and the panel beside the lightbox show."""

from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.models import GeneratedImage
from jobs.operations.providers import provider
from jobs.pages import job_labels
from jobs.pages.settings_shown import settings_shown
from jobs.providers.registry import PROVIDERS

APART = ("prompt", "seed", "width", "height")
"""What has a place of its own there."""


def image_details(request: MemberRequest, image: GeneratedImage, *, with_neighbours: bool) -> dict[str, object]:
    """The template's values; *with_neighbours* adds the images before and after it in the gallery."""
    job = image.job
    params = provider(job.provider).generation_params if job.provider in PROVIDERS else ()
    # What says nothing about a single picture, such as how many there were, is left out.
    apart = (*APART, *(param.name for param in params if param.counts))
    photo_set = job.photo_set or (image.checkpoint and image.checkpoint.job.photo_set)
    is_own = job.created_by_id == request.user.pk
    shown: dict[str, object] = {
        "image": image,
        "settings": settings_shown(params, image.settings, without=apart),
        "photo_set": photo_set if photo_set and photo_set.deleted_at is None else None,
        "base_model": job_labels.base_model(job),
        "may_delete": request.membership.may(Role.EDITOR if is_own else Role.ADMIN),
    }
    if with_neighbours:
        images = request.workspace.generated_images.for_gallery()
        shown["newer"] = images.filter(pk__gt=image.pk).order_by("pk").first()
        shown["older"] = images.filter(pk__lt=image.pk).first()
    return shown
