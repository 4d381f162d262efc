"""Photos and captions that a provider may fetch: for one attempt, while its job is under way, by a token of its own.

An address ends in a name that is unique in its order and always the same, because captions go by it. It is worth
nothing once the job has ended, the photo was deleted, or `LIFETIME` has passed. Where only the bucket can be reached
from outside, it signs the addresses: those end by time alone.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.tokens import token_hash
from jobs.files import storage
from jobs.models import Attempt, Job, JobPhoto, JobState
from jobs.operations.photo_grants import reachability
from jobs.operations.providers import provider
from jobs.providers.order import OrderPhoto

LIFETIME = timedelta(days=7)
"""Longer than any provider lets an order wait, and the longest that S3 signs for."""
CAPTIONS = "captions.json"
_PHOTO = re.compile(r"photo-(\d{1,18})\.jpg", re.ASCII)
_UNDER_WAY = (JobState.READY, JobState.SUBMITTING, JobState.UNCERTAIN, JobState.QUEUED, JobState.RUNNING)
"""READY too: whoever fetches the photos of an order that is to go out again has the order (P02)."""


def grant_token(callback_token: str) -> str:
    """The token in the addresses of an attempt's photos. It says nothing about the callback token."""
    return hashlib.sha256(f"likeness.lent:{callback_token}".encode(errors="replace")).hexdigest()


def address(callback_token: str, name: str) -> str:
    """Where the attempt with this *callback_token* fetches the file called *name*."""
    return f"{settings.PUBLIC_URL}/lent/{grant_token(callback_token)}/{name}"


def name_of(row: JobPhoto) -> str:
    """The name at the end of its address."""
    return f"photo-{row.photo_id}.jpg"


def named(rows: Iterable[JobPhoto]) -> tuple[OrderPhoto, ...]:
    """The photos by name and caption only."""
    return tuple(OrderPhoto(name_of(row), row.caption, url="", read=bytes) for row in rows)


def grant(job: Job, photos: Sequence[OrderPhoto], token: str) -> tuple[tuple[OrderPhoto, ...], str]:
    """*photos* with the addresses that the attempt with this callback *token* fetches them at, and their captions'."""
    service = provider(job.provider)
    if reachability.is_reachable():
        granted = tuple(replace(photo, url=address(token, photo.name)) for photo in photos)
        return granted, address(token, CAPTIONS) if service.captions_file(granted) else ""
    rows = job.job_photos.here()
    granted = tuple(_from_bucket(photo, row.sent_file) for photo, row in zip(photos, rows, strict=True))
    captions = service.captions_file(granted)
    return granted, signed(storage.put(job.workspace_id, "captions", captions, ".json").name) if captions else ""


def _from_bucket(photo: OrderPhoto, stored: str) -> OrderPhoto:
    return replace(photo, name=PurePosixPath(stored).name, url=signed(stored))


def signed(name: str) -> str:
    """An address at which the bucket itself gives out the file stored as *name*, for as long as a grant lasts."""
    bucket: Any = storages["browser"]
    url: str = bucket.url(name, expire=int(LIFETIME.total_seconds()))
    return url


def job_of(token: str) -> Job | None:
    """The job whose photos may be fetched by *token*, while that still counts.

    That somebody asks is noted on the attempt: the token went out with the order alone, so the order arrived.
    """
    known = Attempt.objects.filter(photo_grant_hash=token_hash(token), created_at__gt=timezone.now() - LIFETIME)
    under_way = known.filter(job__state__in=_UNDER_WAY, job__deleted_at=None)
    attempt = under_way.select_related("job").first()
    if attempt is None:
        return None
    if attempt.photos_fetched_at is None:
        Attempt.objects.filter(pk=attempt.pk, photos_fetched_at=None).update(photos_fetched_at=Now())
    return attempt.job


def photo(token: str, name: str) -> str:
    """The storage name of the photo called *name* that may be fetched by *token*; empty when that no longer counts."""
    match = _PHOTO.fullmatch(name)
    job = job_of(token) if match else None
    row = job.job_photos.here().filter(photo=int(match[1])).first() if match and job else None
    return row.sent_file if row else ""


def captions(token: str) -> bytes:
    """The captions that may be fetched by *token*; empty when that no longer counts."""
    job = job_of(token)
    return provider(job.provider).captions_file(named(job.job_photos.here())) if job else b""
