"""What a provider gets of a photo: the crop where there is one, else the whole upright photo, and its caption.

An order keeps what it is sent of each photo as that stood when it was ordered (`Job.sent_photos`): what is changed
afterwards is for the next order. Pages show the same.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, TypedDict

from django.db import transaction

from jobs import formats
from jobs.models import Job, OrphanedFile, Photo
from jobs.operations.photos import processing
from jobs.providers.errors import InvalidOrder

NOT_CROPPED = "{name} could not be cropped as you chose. Look at the photos once more, and order again."


class Sent(TypedDict):
    """What is sent of one photo: see `Job.sent_photos`."""

    file: str
    crop: dict[str, Any] | None
    caption: str


def as_it_stands(photo: Photo) -> Sent:
    """What is sent of the photo when it is ordered now."""
    file = photo.prepared if photo.crop is None else photo.cropped
    return {"file": file, "crop": photo.crop, "caption": photo.caption}


def freeze(photos: Iterable[Photo]) -> dict[str, Sent]:
    """What an order of *photos* is sent, by their ids."""
    return {str(photo.pk): as_it_stands(photo) for photo in photos}


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


def settle(job: Job, photos: Iterable[Photo]) -> None:
    """Make what *job* is sent of its *photos* and is not made yet, before it is sent. Raises `InvalidOrder`."""
    unmade = {str(photo.pk): photo for photo in photos if not sent_in(job, photo)["file"]}
    made = {pk: _file(photo, sent_in(job, photo)) for pk, photo in unmade.items()}
    if made:
        with transaction.atomic():
            # What was withdrawn meanwhile is on the row no more, and stays off it.
            kept = Job.objects.select_for_update(no_key=True).values_list("sent_photos", flat=True).get(pk=job.pk)
            job.sent_photos = {pk: {**sent, "file": made.get(pk, sent["file"])} for pk, sent in kept.items()}
            Job.objects.filter(pk=job.pk).update(sent_photos=job.sent_photos)


def sent_in(job: Job, photo: Photo) -> Sent:
    """What *job* is sent of one of its photos."""
    frozen: Sent | None = job.sent_photos.get(str(photo.pk))
    return frozen or as_it_stands(photo)


def name_in(job: Job, photo: Photo) -> str:
    """The storage name of what *job*, which was settled, is sent of one of its photos."""
    return sent_in(job, photo)["file"] or photo.shown_large


def caption_in(job: Job, photo: Photo) -> str:
    """The caption that *job* is sent with one of its photos."""
    return sent_in(job, photo)["caption"]


def changes(job: Job, photos: Iterable[Photo]) -> list[str]:
    """How *photos*, were they ordered now, differ from what *job* was sent, in a few words for each way."""
    now, before, ordered = freeze(photos), job.sent_photos, {str(pk) for pk in job.photo_ids}
    same = now.keys() & before.keys()
    counted = {
        "taken out": len(ordered - now.keys()),
        "added": len(now.keys() - ordered),
        "cropped otherwise": sum(now[pk]["crop"] != before[pk]["crop"] for pk in same),
        "with another caption": sum(now[pk]["caption"] != before[pk]["caption"] for pk in same),
    }
    return [f"{formats.counted(count, 'photo')} {what}" for what, count in counted.items() if count]


def _file(photo: Photo, sent: Sent) -> str:
    """The file of a crop that was not made yet when it was ordered."""
    if sent["crop"] == photo.crop:
        return name_of_sent(photo)
    # It was cropped anew since, so no row will have this file: it is cleared away once the order needs it no more.
    name = (sent["crop"] and processing.cut(photo, sent["crop"]["box"])) or _not_cropped(photo)
    OrphanedFile.objects.create(workspace_id=photo.workspace_id, name=name)
    return name


def _not_cropped(photo: Photo) -> str:
    raise InvalidOrder(NOT_CROPPED.format(name=photo.display_name))
