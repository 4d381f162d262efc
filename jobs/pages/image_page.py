"""What the image page and the panel beside the lightbox show."""

from collections.abc import Sequence

from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.models import GeneratedImage, PhotoSet
from jobs.operations.providers import provider
from jobs.pages import job_labels
from jobs.pages.settings_shown import Setting, settings_shown
from jobs.providers.params import Param

APART = ("prompt", "seed", "width", "height")
"""What has a place of its own there."""


def image_details(request: MemberRequest, image: GeneratedImage, *, with_neighbours: bool) -> dict[str, object]:
    """The template's values; *with_neighbours* adds the images before and after it in the gallery."""
    shown = {
        "image": image,
        "settings": _settings(image),
        "photo_set": _photo_set(image),
        "base_model": job_labels.base_model(image.job),
        "may_delete": _may_delete(request, image),
    }
    return shown | (_neighbours(request, image) if with_neighbours else {})


def _settings(image: GeneratedImage) -> Sequence[Setting]:
    """How it was drawn, without what says nothing about a single picture."""
    params = _params(image.job.provider)
    counts = (param.name for param in params if param.counts)
    return settings_shown(params, image.settings, without=(*APART, *counts))


def _params(slug: str) -> Sequence[Param]:
    """The provider's fields; none for one that this installation no longer has."""
    try:
        return provider(slug).generation_params
    except KeyError:
        return ()


def _photo_set(image: GeneratedImage) -> PhotoSet | None:
    """The photos that the model learnt from, unless the set was deleted."""
    photo_set = image.job.photo_set or (image.checkpoint and image.checkpoint.job.photo_set)
    return photo_set if photo_set and photo_set.deleted_at is None else None


def _may_delete(request: MemberRequest, image: GeneratedImage) -> bool:
    own = image.job.created_by_id == request.user.pk
    return request.membership.may(Role.EDITOR if own else Role.ADMIN)


def _neighbours(request: MemberRequest, image: GeneratedImage) -> dict[str, object]:
    images = request.workspace.generated_images.for_gallery()
    return {
        "newer": images.filter(pk__gt=image.pk).order_by("pk").first(),
        "older": images.filter(pk__lt=image.pk).first(),
    }
