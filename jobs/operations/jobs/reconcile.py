"""Find out what became of a job whose answer was lost, without ever sending it blindly again.

Our callback address, which the provider repeats, carries the attempt's token: whoever finds its hash has found the
attempt. That it is not on the list proves something only when the list is that of the account it was sent to, can be
believed and goes back far enough, time enough has passed, and nobody fetched its photos; what cannot be proved, a
person decides. The same for what was restored from a backup, of which we may not even know the attempt (B14).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from dashboard.tokens import token_hash
from jobs.models import Attempt, Job, JobState
from jobs.models.job import ORDER_COLUMNS
from jobs.operations.api_keys.keys import account_hash
from jobs.operations.api_keys.waiting import key_of
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import quarantine, sentences
from jobs.operations.jobs.state import By, add_event, change, is_free, locked, needs_decision, queue, requeue
from jobs.operations.providers import provider
from jobs.providers.base import Capability, Provider
from jobs.providers.reply import Snapshot

LISTED_WINDOW = timedelta(minutes=15)
UNLISTED_WINDOW = timedelta(minutes=30)
STOPPED = "We stopped while sending."
"""What an attempt says whose process died."""
REMEMBERED = timedelta(days=1)
"""A list is believed when it shows the newest job that its account took within so long, as far as we know one."""
MOST_DEATHS = 10
"""So often may we die over sending a job that costs nothing before a person is asked."""
TAKEN = (Attempt.Outcome.ACCEPTED, Attempt.Outcome.ADOPTED)
NO_REQUEST_LIVES = 1.5
"""After so many times the longest call nothing that we sent is still on its way."""
SLOWEST = 600.0
"""Seconds between two looks once a person was asked."""


def reconcile(jobs: Sequence[Job], listed: Sequence[Snapshot], service: Provider) -> None:
    """Settle what can be settled of uncertain *jobs* by what the provider *listed* just now."""
    whole = [snapshot for snapshot in listed if snapshot.callback_url and snapshot.provider_job_id]
    # A callback address ends in its token, be it ours or not.
    by_token = {token_hash(one.callback_url.rstrip("/").rpartition("/")[2]): one for one in whole}
    for job in jobs:
        with quarantine.contained(job.pk, "find out whether it was taken"), locked(job.pk) as row:
            if row.state == JobState.UNCERTAIN:
                _settle(row, by_token, listed, service)


def _settle(job: Job, by_token: dict[str, Snapshot], listed: Sequence[Snapshot], service: Provider) -> None:
    matches = [attempt for attempt in job.attempts.order_by("-number") if attempt.token_hash in by_token]
    if matches:  # the provider has it (P03)
        for attempt in matches[1:]:  # and even twice: people must know
            take_in_other(job, attempt, by_token[attempt.token_hash].provider_job_id, by=By.RECONCILE)
        adopt(job, matches[0], by_token[matches[0].token_hash].provider_job_id, by=By.RECONCILE)
    elif _is_proven_absent(job, listed, service) and _may_be_sent_again(job, service):
        mark_absent(job)
        said = "the first try never arrived. Nothing was charged; we send it once more."
        if job.restored_from is not None:
            said = "it was not sent after the backup was made. Nothing was charged; we send it now."
        requeue(job, f"{service.label} does not have this job: {said}", wait=0, by=By.RECONCILE)
    else:
        age = timezone.now() - (job.uncertain_since or timezone.now())
        if age >= _window(job, service) and not job.needs_decision:
            latest = job.attempts.order_by("-number").first()
            said = sentences.DECISION_NEEDED
            if job.restored_from is not None:
                said = f"{sentences.maybe_sent_since(job.restored_from)} {said}"
            if latest is not None and _was_sent_elsewhere(job, latest):
                said = f"{said} {sentences.KEY_REPLACED}"
            if latest is not None and latest.photos_fetched_at is not None:
                said = f"{said} {sentences.PHOTOS_FETCHED}"
            needs_decision(job, said, by=By.RECONCILE, wait=SLOWEST)
        else:
            wait = SLOWEST if job.needs_decision else min(max(age.total_seconds() / 4, 1.0), 60.0)
            change(job, next_action_at=in_seconds(wait), last_checked_at=timezone.now())


def _window(job: Job, service: Provider) -> timedelta:
    """How long we look for *job* by ourselves. What may have been sent before a backup was restored is there or not,
    once no request can be on its way any more; and a callback of it finds nothing here."""
    if job.restored_from is not None:
        return timedelta(seconds=NO_REQUEST_LIVES * service.longest_call if service.can(Capability.LIST) else 0)
    return LISTED_WINDOW if service.can(Capability.LIST) else UNLISTED_WINDOW


def adopt(job: Job, attempt: Attempt | None, provider_job_id: str, *, by: By) -> None:
    """Take the provider's job for the locked *job*, unless another job of ours has that id already (P13)."""
    label = provider(job.provider).label
    if is_held_elsewhere(job, provider_job_id):
        needs_decision(job, sentences.id_already_held(label), by=by)
        return
    if attempt is not None:
        adopted = {"outcome": Attempt.Outcome.ADOPTED, "provider_job_id": provider_job_id}
        Attempt.objects.filter(pk=attempt.pk).update(**adopted)
    queue(job, provider_job_id, f"{label} has the job after all. It was sent once and goes on.", by=by)


ORDERED = (
    "workspace", "created_by", "provider", "api_key", "photo_set", "order", "photo_count", "checkpoint", "thumbnails",
    "estimated_seconds_low", "estimated_seconds_high", "estimated_cost_cents", "currency", *ORDER_COLUMNS,
)  # fmt: skip
"""Columns that two jobs with one order share."""


def take_in_other(job: Job, attempt: Attempt, provider_job_id: str, *, by: By) -> None:
    """The locked *job* was sent twice: its provider also has *attempt*, which we had believed lost (P03).

    People must know. The attempt becomes a job of its own, so that what was paid for is fetched, too.
    """
    label = provider(job.provider).label
    add_event(job, sentences.sent_twice(label, provider_job_id), kind="alert")
    if is_free(job) or is_held_elsewhere(job, provider_job_id):
        return
    same: dict[str, Any] = {name: getattr(job, name) for name in ORDERED}
    other = Job.objects.create(
        **same, cloned_from=job, idempotency_key=f"twice:{attempt.pk}", submitted_at=attempt.created_at
    )
    for row in job.job_photos.all():
        row.pk, row.job = None, other
        row.save(force_insert=True)
    # From now on whatever is called back or fetched by its tokens is about the other job.
    adopted = {"outcome": Attempt.Outcome.ADOPTED, "provider_job_id": provider_job_id}
    Attempt.objects.filter(pk=attempt.pk).update(job=other, number=1, **adopted)
    queue(other, provider_job_id, sentences.other_try(label, job.name), by=by)


def is_held_elsewhere(job: Job, provider_job_id: str) -> bool:
    """Whether another job of the workspace goes by this id of the same provider."""
    same = Job.objects.filter(workspace=job.workspace_id, provider=job.provider, provider_job_id=provider_job_id)
    return same.exclude(pk=job.pk).exists()


def _was_sent_elsewhere(job: Job, attempt: Attempt) -> bool:
    """Whether *attempt* went out with another key or other options than the job's key has now: what this one lists says
    nothing about it, since it may be another account's."""
    return attempt.account_hash not in {"", account_hash(key_of(job))}


def _is_proven_absent(job: Job, listed: Sequence[Snapshot], service: Provider) -> bool:
    """Whether the list shows that *job* never arrived (P02): no request of it can still be on its way, and the list is
    of its account, can be believed, and goes back to before it began."""
    latest, was_restored = job.attempts.order_by("-number").first(), job.restored_from is not None
    if not service.can(Capability.LIST) or (latest is None and not was_restored):
        return False
    if latest is not None and (latest.photos_fetched_at is not None or _was_sent_elsewhere(job, latest)):
        return False
    if _may_be_on_its_way(job, service):
        return False
    began = job.created_at if was_restored or latest is None else latest.created_at
    ids = [snapshot.provider_job_id for snapshot in listed]
    if not is_free(job) and not _can_be_believed(job, ids, began):
        return False
    # Ours would stand above the first job that was accepted before it began.
    older = Attempt.objects.filter(job__api_key=job.api_key_id, provider_job_id__in=ids)
    older = older.filter(outcome=Attempt.Outcome.ACCEPTED, ended_at__lt=began)
    known = set(older.values_list("provider_job_id", flat=True))
    younger = listed[: next((place for place, id_ in enumerate(ids) if id_ in known), len(listed))]
    if len(younger) == len(listed) and (was_restored or len(listed) >= service.list_length):
        return False
    return not any(_may_be(job, snapshot) for snapshot in younger)


def _may_be_on_its_way(job: Job, service: Provider) -> bool:
    """Whether a request that we made, or that was made before a backup was restored, may still arrive."""
    recently = in_seconds(-NO_REQUEST_LIVES * service.longest_call)
    noticed = Job.objects.filter(pk=job.pk, restored_from__isnull=False, uncertain_since__gt=recently)
    return job.attempts.filter(created_at__gt=recently).exists() or noticed.exists()


def _can_be_believed(job: Job, ids: Sequence[str], began: datetime) -> bool:
    """Whether a list of these *ids* is what its provider says of itself, and no odd answer: it shows the newest job
    that this account is known to have taken within a day before *began*, or anything at all where none is known."""
    taken = Attempt.objects.filter(job__api_key=job.api_key_id, job__kind=job.kind, job__dry_run=False)
    taken = taken.filter(outcome__in=TAKEN, account_hash=account_hash(key_of(job)))
    taken = taken.filter(created_at__gt=began - REMEMBERED, ended_at__lt=began)
    newest = taken.order_by("-created_at").values_list("provider_job_id", flat=True).first()
    return bool(ids) if newest is None else newest in ids


def _may_be(job: Job, snapshot: Snapshot) -> bool:
    """Whether a listed job that was not recognised as *job* may be it all the same: its entry is damaged, or no other
    job of ours goes by its id and it does not repeat the callback, or calls where an attempt may that we forgot."""
    if not snapshot.provider_job_id:
        return True
    is_unknown = not snapshot.tells_callback or (job.restored_from is not None and bool(snapshot.callback_url))
    return is_unknown and not is_held_elsewhere(job, snapshot.provider_job_id)


def _may_be_sent_again(job: Job, service: Provider) -> bool:
    """Only once is a job sent again by itself. Where it costs nothing, our own deaths do not count; of a rehearsal,
    which no list shows, no lost answer does (P14)."""
    absent = job.attempts.filter(outcome=Attempt.Outcome.ABSENT)
    if job.dry_run:
        return absent.count() < MOST_DEATHS
    if service.costs_nothing and absent.count() < MOST_DEATHS:
        absent = absent.exclude(detail=STOPPED)
    return not absent.exists()


def mark_absent(job: Job) -> None:
    """The latest attempt never arrived. Photos that are fetched from now on say otherwise."""
    lost = job.attempts.filter(outcome__in=[Attempt.Outcome.UNCERTAIN, Attempt.Outcome.OPEN])
    lost.update(outcome=Attempt.Outcome.ABSENT)
    job.attempts.update(photos_fetched_at=None)
