"""From a job's row to the order a provider gets."""

import hashlib
from collections.abc import Callable

from django.conf import settings

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.providers.base import Kind, Order, OrderPhoto
from jobs.providers.errors import InvalidOrder

_NOWHERE = "https://likeness.invalid"
"""Without a public address the callback cannot arrive, but its token still finds a lost attempt again."""


def build(job: Job, callback_url: str) -> Order:
    """The order of *job*. Raises `InvalidOrder` when the photos it needs are no longer here."""
    photos = _photos(job)
    if Kind(job.kind).trains and not photos:
        raise InvalidOrder("The photos of this order are no longer here.")
    return shape(job, photos, callback_url)


def shape(job: Job, photos: tuple[OrderPhoto, ...] = (), callback_url: str = "") -> Order:
    """The order of *job* with these *photos*; without them it is enough to count and to preview with."""
    return Order(
        kind=Kind(job.kind),
        base_model=job.base_model,
        model_type=job.model_type,
        checkpoint_id=job.checkpoint.provider_result_id if job.checkpoint else "",
        photos=photos,
        training=job.training,
        generations=tuple(job.generations),
        token=job.token,
        class_word=job.class_word,
        dry_run=job.dry_run,
        callback_url=callback_url,
        name=job.name,
    )


def callback_url(token: str) -> str:
    """Where a provider rings when the job has ended."""
    return f"{settings.PUBLIC_URL or _NOWHERE}/callbacks/{token}/"


def token_hash(token: str) -> str:
    """The SHA-256 under which a callback token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def hash_in(url: str) -> str:
    """The hash of the token that a callback address carries, ours or not."""
    return token_hash(url.rstrip("/").rpartition("/")[2])


def _photos(job: Job) -> tuple[OrderPhoto, ...]:
    found = Photo.objects.in_bulk(job.photo_ids)
    return tuple(_photo(found[pk]) for pk in job.photo_ids if pk in found and found[pk].prepared)


def _photo(photo: Photo) -> OrderPhoto:
    return OrderPhoto(name=f"photo-{photo.pk}.jpg", caption=photo.caption, url="", read=_reader(photo.prepared))


def _reader(name: str) -> Callable[[], bytes]:
    return lambda: storage.read(name)
