"""The photos of an order as they are sent, cropped as they are and with captions: before it goes out, and after."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.models import Job, Photo
from jobs.operations.photos import sent_copy
from jobs.operations.photos.sent_copy import Sent
from jobs.pages import captions_page, crop_page
from jobs.pages.crop_page import Part
from jobs.photos import crop as parts
from jobs.providers.base import Provider

MOST = 60


@dataclass(frozen=True)
class SentPhoto:
    """One photo: the part that is sent, and the caption that goes with it."""

    part: Part
    caption: str


@dataclass(frozen=True)
class SentPhotos:
    """Those of an order that can be shown, in its order, and how many more there are or are no longer here."""

    photos: tuple[SentPhoto, ...]
    cropped: int
    captioned: int
    more: int
    gone: int


def of_draft(photos: Iterable[Photo], service: Provider | None) -> SentPhotos:
    """What *service* would be sent of *photos* now."""
    return _shown([(photo, sent_copy.as_it_stands(photo)) for photo in photos], service, gone=0)


def of_job(job: Job, photos: dict[int, Photo], service: Provider | None) -> SentPhotos:
    """What *service* is sent by *job*, of whose photos those by id in *photos* are still here."""
    here = [photos[pk] for pk in job.photo_ids if pk in photos]
    sent = [(photo, sent_copy.sent_in(job, photo)) for photo in here]
    return _shown(sent, service, gone=len(job.photo_ids) - len(here))


def _shown(sent: list[tuple[Photo, Sent]], service: Provider | None, *, gone: int) -> SentPhotos:
    reads = service is not None and captions_page.reads(service)
    shown = [(photo, one if reads else Sent(file=one["file"], crop=one["crop"], caption="")) for photo, one in sent]
    return SentPhotos(
        photos=tuple(_photo(photo, one) for photo, one in shown[:MOST]),
        cropped=sum(one["crop"] is not None for _, one in shown),
        captioned=sum(bool(one["caption"].strip()) for _, one in shown),
        more=max(0, len(shown) - MOST),
        gone=gone,
    )


def _photo(photo: Photo, sent: Sent) -> SentPhoto:
    box = sent["crop"]["box"] if sent["crop"] else parts.WHOLE
    return SentPhoto(crop_page.part(photo, box), sent["caption"].strip())
