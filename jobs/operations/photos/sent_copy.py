"""What a provider gets of a photo: the crop where there is one, else the whole upright photo, and its caption.

An order keeps what it is sent of each photo as that stood when it was ordered (`JobPhoto`): what is changed afterwards
is for the next order. Pages show the same.
"""

import json
from collections.abc import Iterable
from hashlib import sha256

from jobs import formats
from jobs.models import Job, JobPhoto, Photo
from jobs.operations.cleanup import orphans
from jobs.operations.photos import processing
from jobs.providers.errors import InvalidOrder

NOT_CROPPED = "{name} could not be cropped as you chose. Look at the photos once more, and order again."


def as_it_stands(photo: Photo) -> JobPhoto:
    """What is sent of the photo when it is ordered now, not saved."""
    file = photo.prepared if photo.crop is None else photo.cropped
    return JobPhoto(photo=photo, caption=photo.caption, crop=photo.crop, file=file)


def freeze(job: Job, photos: Iterable[Photo]) -> None:
    """Keep what *job*, which was just made, is sent of *photos*."""
    rows = [as_it_stands(photo) for photo in photos]
    for position, row in enumerate(rows):
        row.job, row.position = job, position
    JobPhoto.objects.bulk_create(rows)


def fingerprint(photos: Iterable[Photo]) -> str:
    """Tells whether *photos* are still the same, in the same order, cropped and captioned as before."""
    seen = [[photo.pk, photo.crop, photo.caption] for photo in photos]
    return sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]


def name_of_sent(photo: Photo) -> str:
    """The storage name of what is sent of the photo; its crop is made now, if nobody made it yet.

    Raises `InvalidOrder` when that cannot be done: the whole photo is not what somebody saw.
    """
    if photo.crop is None:
        return photo.prepared
    return photo.cropped or processing.crop_now(photo) or _not_cropped(photo)


def settled(job: Job) -> list[JobPhoto]:
    """The photos of *job* that are still here, each with the file that is sent: what was not ready when it was ordered
    is kept whole, and crops that nobody made yet are made now, before the order goes out. Raises `InvalidOrder`."""
    rows = list(job.job_photos.here())
    for row in rows:
        if row.file:
            continue
        photo = row.photo
        if row.crop is None:
            row.file = photo.prepared
        elif row.crop == photo.crop:
            row.file = name_of_sent(photo)
        else:
            row.file = processing.cut(photo, row.crop_box) or _not_cropped(photo)
            # No photo will have the file of a former crop: it is cleared away once the order needs it no more.
            orphans.add(photo.workspace_id, [row.file])
        # Of what was withdrawn meanwhile nothing is kept, and so it stays.
        unmade = JobPhoto.objects.filter(pk=row.pk, crop__isnull=row.crop is None, photo__deleted_at=None, file="")
        unmade.update(file=row.file)
    return rows


def changes(job: Job, photos: Iterable[Photo]) -> list[str]:
    """How *photos*, were they ordered now, differ from what *job* was sent, in a few words for each way."""
    now = {photo.pk: photo for photo in photos}
    same = [(row, now[row.photo_id]) for row in job.job_photos.all() if row.photo_id in now]
    counted = {
        "taken out": job.photo_count - len(same),
        "added": len(now) - len(same),
        "cropped otherwise": sum(row.crop != photo.crop for row, photo in same),
        "with another caption": sum(row.caption != photo.caption for row, photo in same),
    }
    return [f"{formats.counted(count, 'photo')} {what}" for what, count in counted.items() if count]


def _not_cropped(photo: Photo) -> str:
    raise InvalidOrder(NOT_CROPPED.format(name=photo.display_name))
