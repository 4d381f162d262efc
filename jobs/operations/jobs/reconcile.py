"""Find out what became of a job whose answer was lost, without ever sending it blindly again.

Our callback address, which the provider repeats, carries the attempt's token: whoever finds its hash has found the
attempt. That it is not on the list proves something only when the list is that of the account it was sent to and goes
back far enough, time enough has passed, and nobody fetched its photos; what cannot be proved, a person decides.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from dashboard.tokens import token_hash
from jobs.models import Attempt, Job, JobState
from jobs.operations.api_keys.keys import account_hash
from jobs.operations.api_keys.waiting import key_of
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import quarantine, sentences
from jobs.operations.jobs.state import By, add_event, change, locked, needs_decision, queue, requeue
from jobs.operations.providers import provider
from jobs.providers.base import Capability, Provider
from jobs.providers.reply import Snapshot

LISTED_WINDOW = timedelta(minutes=15)
UNLISTED_WINDOW = timedelta(minutes=30)
STOPPED = "We stopped while sending."
"""What an attempt says whose process died."""
MOST_DEATHS = 10
"""So often may we die over sending a job that costs nothing before a person is asked."""
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
            twice = by_token[attempt.token_hash].provider_job_id
            add_event(job, sentences.sent_twice(service.label, twice), kind="alert")
        adopt(job, matches[0], by_token[matches[0].token_hash].provider_job_id, by=By.RECONCILE)
    elif _is_proven_absent(job, listed, service) and _may_be_sent_again(job, service):
        mark_absent(job)
        said = "the first try never arrived. Nothing was charged; we send it once more."
        requeue(job, f"{service.label} does not have this job: {said}", wait=0, by=By.RECONCILE)
    else:
        window = LISTED_WINDOW if service.can(Capability.LIST) else UNLISTED_WINDOW
        age = timezone.now() - (job.uncertain_since or timezone.now())
        if age >= window and not job.needs_decision:
            latest = job.attempts.order_by("-number").first()
            said = sentences.DECISION_NEEDED
            if latest is not None and _was_sent_elsewhere(job, latest):
                said = f"{said} {sentences.KEY_REPLACED}"
            if latest is not None and latest.photos_fetched_at is not None:
                said = f"{said} {sentences.PHOTOS_FETCHED}"
            needs_decision(job, said, by=By.RECONCILE, wait=SLOWEST)
        else:
            wait = SLOWEST if job.needs_decision else min(max(age.total_seconds() / 4, 1.0), 60.0)
            change(job, next_action_at=in_seconds(wait), last_checked_at=timezone.now())


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


def is_held_elsewhere(job: Job, provider_job_id: str) -> bool:
    """Whether another job of the workspace goes by this id of the same provider."""
    same = Job.objects.filter(workspace=job.workspace_id, provider=job.provider, provider_job_id=provider_job_id)
    return same.exclude(pk=job.pk).exists()


def _was_sent_elsewhere(job: Job, attempt: Attempt) -> bool:
    """Whether *attempt* went out with another key or other options than the job's key has now: what this one lists says
    nothing about it, since it may be another account's."""
    return attempt.account_hash not in {"", account_hash(key_of(job))}


def _is_proven_absent(job: Job, listed: Sequence[Snapshot], service: Provider) -> bool:
    """Whether the list shows that the latest attempt never arrived (P02): no request of it can still be on its way, and
    the list is of its account and goes back to before it began."""
    latest = job.attempts.order_by("-number").first()
    if latest is None or not service.can(Capability.LIST):
        return False
    if latest.photos_fetched_at is not None or _was_sent_elsewhere(job, latest):
        return False
    if job.attempts.filter(pk=latest.pk, created_at__gt=in_seconds(-1.5 * service.longest_call)).exists():
        return False
    # Ours would stand above the first job that was accepted before the attempt began.
    ids = [snapshot.provider_job_id for snapshot in listed]
    older = Attempt.objects.filter(job__api_key=job.api_key_id, provider_job_id__in=ids)
    older = older.filter(outcome=Attempt.Outcome.ACCEPTED, ended_at__lt=latest.created_at)
    known = set(older.values_list("provider_job_id", flat=True))
    younger = listed[: next((place for place, id_ in enumerate(ids) if id_ in known), len(listed))]
    if len(younger) == len(listed) >= service.list_length:
        return False
    return not any(_may_be(job, snapshot) for snapshot in younger)


def _may_be(job: Job, snapshot: Snapshot) -> bool:
    """Whether a listed job that was not recognised as *job* may be it all the same: its entry is damaged, or does not
    repeat the callback and no other job of ours goes by its id."""
    if not snapshot.provider_job_id:
        return True
    return not snapshot.tells_callback and not is_held_elsewhere(job, snapshot.provider_job_id)


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
    """The latest attempt never arrived."""
    lost = job.attempts.filter(outcome__in=[Attempt.Outcome.UNCERTAIN, Attempt.Outcome.OPEN])
    lost.update(outcome=Attempt.Outcome.ABSENT)
