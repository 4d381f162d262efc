"""An order, from what a form asks for to what a provider gets: draft, estimate, row, the same again, request.

The row is the outbox: once it is committed, the job will be sent. One press is one job, however often it arrives: the
form carries an idempotency key, which is unique in the workspace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import User, Workspace
from jobs import versions
from jobs.files import storage
from jobs.models import ApiKey, Checkpoint, Job, JobEvent, JobPhoto, JobState, Photo, PhotoSet
from jobs.operations.api_keys.waiting import is_usable
from jobs.operations.enqueue import enqueue
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.photo_grants import archive, grants, reachability
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Estimate, Kind, Order, OrderPhoto, OrderSpec

TWIN_WINDOW = timedelta(minutes=10)
UNREADABLE = "This order was written while this server was being brought up to date. Nothing was sent; order it again."


# What a form asks for


@dataclass(frozen=True, kw_only=True)
class JobDraft(OrderSpec):
    """A checked order: what a form makes and `create` takes.

    *photo_ids* are the photos to use; None means all of *photo_set* when the job is made, of which some may still be
    getting ready. *seen* is the `sent_copy.fingerprint` of those that somebody saw before ordering, where there was a
    page to see them on.
    """

    api_key: ApiKey
    photo_set: PhotoSet | None = None
    checkpoint: Checkpoint | None = None
    cloned_from: Job | None = None
    photo_ids: tuple[int, ...] | None = None
    seen: str = ""

    def photos(self) -> list[Photo]:
        """The photos to train on, as they are now, in their order. Some may still be getting ready."""
        if self.photo_set is None or not self.kind.trains:
            return []
        photos = self.photo_set.photos.to_order().in_order()
        return list(photos if self.photo_ids is None else photos.filter(pk__in=self.photo_ids))

    def as_order(self) -> Order:
        """The order without its photos: enough to estimate it and to preview the request."""
        return Order.of(
            self,
            checkpoint_id=self.checkpoint.provider_result_id if self.checkpoint else "",
            key_options={name: str(value) for name, value in self.api_key.options.items()},
        )

    def split(self) -> "tuple[JobDraft, ...]":
        """The orders that its provider takes: a list of prompts may be several, each with a name of its own."""
        most, prompts = provider(self.api_key.provider).prompts_in_generation, self.generations
        if self.kind is not Kind.GENERATION or len(prompts) <= most:
            return (self,)
        parts = [prompts[start : start + most] for start in range(0, len(prompts), most)]
        named = (f"{self.name[:100]} ({number} of {len(parts)})" for number in range(1, len(parts) + 1))
        return tuple(replace(self, name=name, generations=part) for name, part in zip(named, parts, strict=True))


def estimate(draft: JobDraft, photo_count: int | None = None) -> Estimate:
    """How long *draft* will take and what it will cost. *photo_count* is the photo set's own when left out.

    Asks nobody and reads no table, so that a form can call it at every key press.
    """
    count = (draft.photo_set.photo_count if draft.photo_set else 0) if photo_count is None else photo_count
    return provider(draft.api_key.provider).estimate(draft.as_order(), count)


def named(photos: Iterable[Photo]) -> tuple[OrderPhoto, ...]:
    """*photos* by name and caption only, to preview an order with: they have no address and nothing to read."""
    return grants.named(map(sent_copy.as_it_stands, photos))


def command(service: Provider, order: Order) -> str:
    """*order* as a command for a terminal; empty where there is none, or the order cannot be."""
    return "" if service.wrong_fields(order) else service.as_command(order)


# A press makes it a job


class PhotosChanged(NotPossible):
    """The photos are not those that somebody saw; once they are shown again, the same press sends them."""


def create(workspace: Workspace, user: User | None, draft: JobDraft, idempotency_key: str) -> Job:
    """The job that *draft* asks for, ready to be sent.

    *idempotency_key* (at most 64 characters) is one per form shown: asking again with it, even at the same time,
    returns the same job. Raises `NotPossible` when the API key was revoked, there are no photos to train on or others
    than were seen, the provider could not fetch them, it does not rehearse, or the disk is nearly full.
    """
    return create_each(workspace, user, [draft], idempotency_key)[0]


def create_each(workspace: Workspace, user: User | None, drafts: Sequence[JobDraft], idempotency_key: str) -> list[Job]:
    """A job for each of *drafts*, which one press asked for: all of them or none. Otherwise as `create`."""
    keys = _keys(idempotency_key, len(drafts))
    pressed_before = workspace.jobs.filter(idempotency_key__in=keys).order_by("id")
    if jobs := list(pressed_before):
        return jobs
    try:
        with transaction.atomic():
            return [_insert(workspace, user, draft, key) for draft, key in zip(drafts, keys, strict=True)]
    except IntegrityError:
        # The same form was sent twice at once, and the other one was first.
        if jobs := list(pressed_before.all()):
            return jobs
        raise


def _keys(first: str, count: int) -> list[str]:
    """The idempotency key of each of the *count* jobs that one press makes: the form's own, and others by it."""
    return [first, *(sha256(f"{first}:{number}".encode(errors="replace")).hexdigest() for number in range(1, count))]


def _insert(workspace: Workspace, user: User | None, draft: JobDraft, idempotency_key: str) -> Job:
    photo_ids = [photo.pk for photo in draft.photos()]
    _check(draft, photo_ids)
    expected = estimate(draft, len(photo_ids))
    job = Job.ordered(
        draft,
        workspace=workspace,
        created_by=user,
        idempotency_key=idempotency_key,
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
    sent_copy.freeze(job, photos_to_order(draft, photo_ids))
    job.refresh_from_db(fields=["next_action_at"])
    enqueue("submit", job.pk)
    return job


def _check(draft: JobDraft, photo_ids: Sequence[int]) -> None:
    if draft.api_key.revoked_at is not None:
        raise NotPossible(sentences.KEY_GONE)
    if draft.checkpoint is not None and draft.checkpoint.job.withdrawn_at is not None:
        raise NotPossible(sentences.WITHDRAWN)
    if draft.kind.trains and not photo_ids:
        raise NotPossible(sentences.NO_PHOTOS)
    service = provider(draft.api_key.provider)
    if draft.dry_run and not service.can(Capability.DRY_RUN):
        raise NotPossible(sentences.no_rehearsal(service.label))
    if obstacle := storage.too_full_for_orders() or reachability.obstacle(service, draft.kind):
        raise NotPossible(f"{obstacle} Nothing was sent.")


def photos_to_order(draft: JobDraft, photo_ids: Sequence[int]) -> list[Photo]:
    """The photos, read under the version's lock, which whoever changes photos takes, too.

    Whoever withdraws removes photos and then flags jobs, under that lock: this job is not there yet.
    """
    found = Photo.objects.to_order().in_bulk(photo_ids)
    if len(found) != len(photo_ids):
        raise NotPossible(sentences.PHOTOS_WITHDRAWN)
    photos = [found[pk] for pk in photo_ids]
    if draft.seen and draft.seen != sent_copy.fingerprint(photos):
        raise PhotosChanged(sentences.PHOTOS_CHANGED)
    return photos


# The same once more


def recent_twin(
    workspace: Workspace, user: User, drafts: Sequence[JobDraft], idempotency_key: str, besides: int = 0
) -> Job | None:
    """The newest job like one of *drafts* that *user* sent within `TWIN_WINDOW` by another press: asking first costs a
    click, sending twice costs money.

    Those that came to nothing and cost nothing do not count, nor does the job with the id *besides*.
    """
    if not any(map(_costs_or_repeats, drafts)):
        return None
    since = timezone.now() - TWIN_WINDOW
    sent = workspace.jobs.present().filter(created_by=user, created_at__gt=since).exclude(pk=besides)
    sent = sent.exclude(state__in=[JobState.FAILURE, JobState.CANCELLED], charged=Job.Charged.NO)
    first = drafts[0]
    alike = sent.filter(api_key=first.api_key, photo_set=first.photo_set, checkpoint=first.checkpoint)
    others = alike.exclude(idempotency_key__in=_keys(idempotency_key, len(drafts))).order_by("-id")
    return next((job for job in others[:50] if any(job.spec.is_same_work(draft) for draft in drafts)), None)


def _costs_or_repeats(draft: JobDraft) -> bool:
    """Whether ordering it twice is a waste: free pictures with random seeds come out otherwise each time."""
    is_random = draft.kind is Kind.GENERATION and all(values.get("seed") in (None, -1) for values in draft.generations)
    return not (is_random and provider(draft.api_key.provider).costs_nothing)


def retry(job: Job, user: User, seen: str = "") -> Job:
    """A new job with the order of *job*, so that what happened to the first one stays told: the same photos, settings
    and key, or another usable key of the provider.

    The photos go out as they are now; *seen* tells which ones somebody saw before (`JobDraft.seen`). While a retry of
    *job* is still open, pressing again returns that one. Raises `NotPossible` while *job* is under way, when there is
    no key, or when the photos are gone.
    """
    # Counted before looking for an open one: whoever is overtaken between the two counts the same, or finds it.
    idempotency_key = next_retry_key(job)
    return open_retry(job) or create(job.workspace, user, replace(draft_of(job), seen=seen), idempotency_key)


def open_retry(job: Job) -> Job | None:
    """The retry of *job* that is still open, if any."""
    retries = Job.objects.present().filter(cloned_from=job, idempotency_key__startswith=f"retry:{job.pk}:")
    return retries.open().first()


def next_retry_key(job: Job) -> str:
    """The idempotency key of the next retry; two presses at once count the same and so make one job."""
    retries = Job.objects.filter(workspace=job.workspace_id, idempotency_key__startswith=f"retry:{job.pk}:")
    return f"retry:{job.pk}:{retries.count()}"


def draft_of(job: Job) -> JobDraft:
    """What *job* ordered, to be ordered again. Raises `NotPossible` as `retry`."""
    if JobState(job.state).is_open:
        raise NotPossible(sentences.STILL_OPEN)
    if job.checkpoint_id is None and not job.base_model:
        raise NotPossible(sentences.ORDER_GONE)
    return JobDraft(
        **vars(job.spec),
        api_key=_usable_key(job),
        photo_set=job.photo_set,
        checkpoint=job.checkpoint,
        cloned_from=job,
        photo_ids=tuple(job.job_photos.in_order().values_list("photo_id", flat=True)),
    )


def _usable_key(job: Job) -> ApiKey:
    """The job's own key, or the workspace's newest that works, when its own was revoked."""
    if job.api_key is not None and job.api_key.revoked_at is None:
        return job.api_key
    others = ApiKey.objects.usable().filter(workspace=job.workspace_id, provider=job.provider).order_by("-pk")
    for key in others:
        if is_usable(key):
            return key
    raise NotPossible(sentences.KEY_GONE)


# What the provider gets


def build(job: Job, token: str) -> Order:
    """The order of *job* for the attempt with this callback *token*.

    Raises `InvalidOrder` when the photos it needs are no longer here, cannot be cropped, or cannot be fetched from
    here.
    """
    if not job.order:
        # A server of the version before made the row after the rows of its time were carried over.
        raise InvalidOrder(UNREADABLE)
    callback_url = reachability.callback_url(token)
    if not Kind(job.kind).trains:
        return job.as_order(callback_url=callback_url)
    rows = sent_copy.settled(job)
    if not rows:
        raise InvalidOrder(archive.GONE)
    service = provider(job.provider)
    if obstacle := reachability.obstacle(service, Kind(job.kind)):
        raise InvalidOrder(obstacle)
    order = job.as_order(callback_url=callback_url, photos=tuple(map(_to_send, rows)))
    if service.can(Capability.NEEDS_PHOTO_ARCHIVE):
        return replace(order, archive_url=archive.grant(job, order, token))
    if not service.can(Capability.NEEDS_PUBLIC_PHOTOS):
        return order
    photos, captions_url = grants.grant(job, order.photos, token)
    return replace(order, photos=photos, captions_url=captions_url)


def _to_send(row: JobPhoto) -> OrderPhoto:
    return OrderPhoto(grants.name_of(row), row.caption, url="", read=partial(storage.read, row.sent_file))
