"""Make a job from what a form asked for. The row is the outbox: once it is committed the job will be sent."""

from collections.abc import Sequence
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from dashboard.models import User, Workspace
from jobs import versions
from jobs.models import Job, JobEvent, JobState, Photo
from jobs.operations.commands.drafts import JobDraft
from jobs.operations.commands.estimate import estimate
from jobs.operations.enqueue import enqueue
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.operations.sending import outside
from jobs.providers.base import Capability

__all__ = ["JobDraft", "PhotosChanged", "create", "create_each", "nonces"]


class PhotosChanged(NotPossible):
    """The photos are not those that somebody saw; once they are shown again, the same press sends them."""


def create(workspace: Workspace, user: User | None, draft: JobDraft, nonce: str) -> Job:
    """The job that *draft* asks for, ready to be sent.

    *nonce* (at most 64 characters) is one per form shown: asking again with it, even at the same time, returns the
    same job. Raises `NotPossible` when the key was revoked, there are no photos to train on or others than were seen,
    the provider could not fetch them, or it does not rehearse.
    """
    return create_each(workspace, user, [draft], nonce)[0]


def create_each(workspace: Workspace, user: User | None, drafts: Sequence[JobDraft], nonce: str) -> list[Job]:
    """A job for each of *drafts*, which one press asked for: all of them or none. Otherwise as `create`."""
    known = nonces(nonce, len(drafts))
    return _made(workspace, known) or _create_once(workspace, user, drafts, known)


def nonces(nonce: str, count: int) -> list[str]:
    """The nonce of each of the *count* jobs that the form with this *nonce* makes. The first is its own."""
    return [nonce, *(sha256(f"{nonce}:{number}".encode(errors="replace")).hexdigest() for number in range(1, count))]


def _made(workspace: Workspace, known: Sequence[str]) -> list[Job]:
    return list(workspace.jobs.filter(nonce__in=known).order_by("id"))


def _create_once(workspace: Workspace, user: User | None, drafts: Sequence[JobDraft], known: list[str]) -> list[Job]:
    try:
        with transaction.atomic():
            return [_insert(workspace, user, draft, nonce) for draft, nonce in zip(drafts, known, strict=True)]
    except IntegrityError:
        # The same form was sent twice at once, and the other one was first.
        twins = _made(workspace, known)
        if not twins:
            raise
        return twins


def _insert(workspace: Workspace, user: User | None, draft: JobDraft, nonce: str) -> Job:
    photo_ids = [photo.pk for photo in draft.photos()]
    _check(draft, photo_ids)
    expected = estimate(draft, len(photo_ids))
    job = Job.ordered(
        draft,
        workspace=workspace,
        created_by=user,
        nonce=nonce,
        provider=draft.api_key.provider,
        api_key=draft.api_key,
        photo_set=draft.photo_set,
        photo_count=len(photo_ids),
        checkpoint=draft.checkpoint,
        cloned_from=draft.cloned_from,
        thumbnails=draft.photo_set.cover[:4] if draft.photo_set and draft.kind.trains else [],
        estimated_seconds_low=expected.seconds[0],
        estimated_seconds_high=expected.seconds[1],
        estimated_cost_cents=expected.cost_cents,
        currency=expected.currency,
        next_action_at=Now(),
    )
    job.save(force_insert=True)
    JobEvent.objects.create(
        job=job, user=user, kind="state", state=JobState.READY, sentence=sentences.created(user, draft.cloned_from)
    )
    job.version = versions.touch(workspace)
    job.save(update_fields=["version"])
    sent_copy.freeze(job, _photos(draft, photo_ids))
    job.refresh_from_db(fields=["next_action_at"])
    enqueue("submit", job.pk)
    return job


def _check(draft: JobDraft, photo_ids: list[int]) -> None:
    if draft.api_key.revoked_at is not None:
        raise NotPossible(sentences.KEY_GONE)
    if draft.checkpoint is not None and draft.checkpoint.job.withdrawn_at is not None:
        raise NotPossible(sentences.WITHDRAWN)
    if draft.kind.trains and not photo_ids:
        raise NotPossible(sentences.NO_PHOTOS)
    service = provider(draft.api_key.provider)
    if draft.dry_run and not service.can(Capability.DRY_RUN):
        raise NotPossible(sentences.no_rehearsal(service.label))
    if obstacle := outside.obstacle(service, draft.kind):
        raise NotPossible(f"{obstacle} Nothing was sent.")


def _photos(draft: JobDraft, photo_ids: Sequence[int]) -> list[Photo]:
    """The photos, read under the version's lock, which whoever changes photos takes, too.

    Whoever withdraws removes photos and then flags jobs, under that lock: this job is not there yet.
    """
    found = Photo.objects.to_train_on().in_bulk(photo_ids)
    if len(found) != len(photo_ids):
        raise NotPossible(sentences.PHOTOS_WITHDRAWN)
    photos = [found[pk] for pk in photo_ids]
    if draft.seen and draft.seen != sent_copy.fingerprint(photos):
        raise PhotosChanged(sentences.PHOTOS_CHANGED)
    return photos
