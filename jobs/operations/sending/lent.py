"""Photos and captions that a provider may fetch: for one attempt, while its job is under way, by a token of its own.

An address ends in a name that is unique in its order and always the same, because captions go by it. It is worth
nothing once the job has ended, the photo was deleted, or `LIFETIME` has passed. Where only the bucket can be reached
from outside, it signs the addresses: those end by time alone.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from dashboard.tokens import token_hash
from jobs.files import storage
from jobs.models import Attempt, Job, JobState, Photo
from jobs.operations.providers import provider
from jobs.operations.sending import outside, tokens
from jobs.providers.order import OrderPhoto

LIFETIME = timedelta(days=7)
"""Longer than any provider lets an order wait, and the longest that S3 signs for."""
CAPTIONS = "captions.json"
_PHOTO = re.compile(r"photo-(\d{1,18})\.jpg", re.ASCII)
_UNDER_WAY = (JobState.SUBMITTING, JobState.UNCERTAIN, JobState.QUEUED, JobState.RUNNING)


def name_of(photo: Photo) -> str:
    """The name at the end of its address."""
    return f"photo-{photo.pk}.jpg"


def lend(job: Job, photos: Sequence[OrderPhoto], token: str) -> tuple[tuple[OrderPhoto, ...], str]:
    """*photos* with the addresses that the attempt with this callback *token* fetches them at, and their captions'."""
    if outside.is_reachable():
        base = f"{settings.PUBLIC_URL}/lent/{tokens.lending(token)}/"
        lent = tuple(replace(photo, url=f"{base}{photo.name}") for photo in photos)
        return lent, f"{base}{CAPTIONS}" if provider(job.provider).captions_file(lent) else ""
    rows = job.job_photos.here()
    lent = tuple(_from_bucket(photo, row.sent_file) for photo, row in zip(photos, rows, strict=True))
    captions = provider(job.provider).captions_file(lent)
    return lent, signed(storage.put(job.workspace_id, "captions", captions, ".json").name) if captions else ""


def photo(token: str, name: str) -> str:
    """The storage name of the photo called *name* that was lent under *token*; empty when that no longer counts."""
    match = _PHOTO.fullmatch(name)
    job = job_of(token) if match else None
    row = job.job_photos.here().filter(photo=int(match[1])).first() if match and job else None
    return row.sent_file if row else ""


def captions(token: str) -> bytes:
    """The captions that were lent under *token*; empty when that no longer counts."""
    job = job_of(token)
    if job is None:
        return b""
    lent = [OrderPhoto(name_of(row.photo), row.caption, "", bytes) for row in job.job_photos.here()]
    return provider(job.provider).captions_file(lent)


def job_of(token: str) -> Job | None:
    """The job whose photos are lent under *token*, while that still counts."""
    known = Attempt.objects.filter(lent_hash=token_hash(token), created_at__gt=timezone.now() - LIFETIME)
    under_way = known.filter(job__state__in=_UNDER_WAY, job__deleted_at=None)
    attempt = under_way.select_related("job").first()
    return attempt.job if attempt else None


def _from_bucket(photo: OrderPhoto, stored: str) -> OrderPhoto:
    return replace(photo, name=PurePosixPath(stored).name, url=signed(stored))


def signed(name: str) -> str:
    """An address at which the bucket itself gives out the file stored as *name*, for as long as a loan lasts."""
    bucket: Any = storages["browser"]
    url: str = bucket.url(name, expire=int(LIFETIME.total_seconds()))
    return url
