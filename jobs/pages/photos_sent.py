"""The photos of an order as they are sent, cropped as they are and with captions: before it goes out, and after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobs.models import Job, JobPhoto, JobState, Photo
from jobs.operations.photos import sent_copy
from jobs.pages import captions_page, crop_page
from jobs.pages.crop_page import Part
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
    return _shown([sent_copy.as_it_stands(photo) for photo in photos], service, gone=0)


def of_job(job: Job, here: Sequence[JobPhoto], service: Provider | None) -> SentPhotos:
    """What *service* is sent by *job*, of whose photos those *here* are still here. Until it is sent, some may still be
    getting ready."""
    gone = 0 if job.state == JobState.READY else job.photo_count - len(here)
    return _shown(here, service, gone=gone)


def _shown(rows: Sequence[JobPhoto], service: Provider | None, *, gone: int) -> SentPhotos:
    reads = service is not None and captions_page.reads(service)
    shown = [row for row in rows if row.photo.prepared][:MOST]
    captions = [row.caption.strip() if reads else "" for row in rows]
    return SentPhotos(
        photos=tuple(
            SentPhoto(crop_page.part(row.photo, row.crop_box), row.caption.strip() if reads else "") for row in shown
        ),
        cropped=sum(row.crop is not None for row in rows),
        captioned=sum(map(bool, captions)),
        more=len(rows) - len(shown),
        gone=gone,
    )
