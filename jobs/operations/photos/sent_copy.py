"""What a provider gets of a photo: the crop where there is one, else the whole upright photo. Pages show the same."""

from collections.abc import Iterable

from jobs.models import Job, Photo
from jobs.operations.photos import crop_photo
from jobs.providers.errors import InvalidOrder

NOT_CROPPED = "{name} could not be cropped as you chose. Look at the photos once more, and order again."


def name_of_sent(photo: Photo) -> str:
    """The storage name of what is sent of the photo; its crop is made now, if nobody made it yet.

    Raises `InvalidOrder` when that cannot be done: the whole photo is not what somebody saw.
    """
    if photo.crop is None:
        return photo.prepared
    found = photo.cropped or crop_photo.made_now(photo)
    if not found:
        raise InvalidOrder(NOT_CROPPED.format(name=photo.display_name))
    return found


def settle(job: Job, photos: Iterable[Photo]) -> None:
    """Note what *job* is sent of its *photos*, once: a later crop does not change an order. Raises `InvalidOrder`."""
    files = {str(photo.pk): job.sent_files.get(str(photo.pk)) or name_of_sent(photo) for photo in photos}
    if files != job.sent_files:
        Job.objects.filter(pk=job.pk).update(sent_files=files)
        job.sent_files = files


def name_in(job: Job, photo: Photo) -> str:
    """The storage name of what *job*, which was settled, is sent of one of its photos."""
    name: str = job.sent_files.get(str(photo.pk), "")
    return name or photo.shown_large
