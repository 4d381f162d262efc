"""What a provider gets when it fetches the zip of the photos that were lent to it."""

from jobs.files.photo_archive import PhotoArchive
from jobs.operations.providers import provider
from jobs.operations.sending import lent, lent_archive, orders
from jobs.providers.base import Capability
from jobs.providers.errors import InvalidOrder


def archive(token: str) -> PhotoArchive | None:
    """The archive that was lent under *token*, without photos that were deleted since; None when the loan is over."""
    job = lent.job_of(token)
    if job is None or not provider(job.provider).can(Capability.NEEDS_PHOTO_ARCHIVE):
        return None
    order = job.as_order(photos=orders.named_in(job.job_photos.here()))
    try:
        return lent_archive.archive(job, order) if order.photos else None
    except InvalidOrder:
        return None
