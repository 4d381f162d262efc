"""Find out what became of a job whose answer was lost, without ever sending it blindly again.

Our callback address, which the provider repeats, carries the attempt's token: whoever finds its hash has found the
attempt. That it is not on the list proves something only when the list goes back far enough and time enough has
passed; what cannot be proved, a person decides.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from jobs.models import Attempt, Job, JobState
from jobs.operations import words
from jobs.operations.clock import in_seconds
from jobs.operations.providers import provider
from jobs.operations.sending import onward
from jobs.operations.sending.tokens import hash_in
from jobs.operations.stumble import guarded
from jobs.operations.transitions import change, locked, tell
from jobs.providers.base import Capability, Provider
from jobs.providers.reply import Snapshot

LISTED_WINDOW = timedelta(minutes=15)
UNLISTED_WINDOW = timedelta(minutes=30)
STOPPED = "We stopped while sending."
"""What an attempt says whose process died."""
MOST_DEATHS = 10
"""So often may we die over sending one practice job before a person is asked."""
SLOWEST = 600.0
"""Seconds between two looks once a person was asked."""


def reconcile(jobs: Sequence[Job], listed: Sequence[Snapshot], service: Provider) -> None:
    """Settle what can be settled of uncertain *jobs* by what the provider *listed* just now."""
    whole = [snapshot for snapshot in listed if snapshot.callback_url and snapshot.provider_job_id]
    by_token = {hash_in(snapshot.callback_url): snapshot for snapshot in whole}
    for job in jobs:
        with guarded(job.pk, "find out whether it was taken"), locked(job.pk) as row:
            if row.state == JobState.UNCERTAIN:
                _settle(row, by_token, listed, service)


def _settle(job: Job, by_token: dict[str, Snapshot], listed: Sequence[Snapshot], service: Provider) -> None:
    matches = [attempt for attempt in job.attempts.order_by("-number") if attempt.token_hash in by_token]
    if matches:
        _found(job, matches, by_token)
    elif _is_proven_absent(job, listed, service) and _may_be_sent_again(job, service):
        _send_again(job)
    else:
        _wait_or_ask(job, service)


def _found(job: Job, matches: list[Attempt], by_token: dict[str, Snapshot]) -> None:
    """The provider has the job. Were it there twice, people must know."""
    for attempt in matches[1:]:
        tell(job, words.sent_twice(_label(job), by_token[attempt.token_hash].provider_job_id), kind="alert")
    adopt(job, matches[0], by_token[matches[0].token_hash].provider_job_id)


def adopt(job: Job, attempt: Attempt | None, provider_job_id: str) -> None:
    """Take the provider's job for the locked *job*, unless another job of ours has that id already (P13)."""
    if is_held_elsewhere(job, provider_job_id):
        onward.ask_for_decision(job, words.id_already_held(_label(job)))
        return
    if attempt is not None:
        adopted = {"outcome": Attempt.Outcome.ADOPTED, "provider_job_id": provider_job_id}
        Attempt.objects.filter(pk=attempt.pk).update(**adopted)
    onward.queue(job, provider_job_id, words.found(_label(job)))


def is_held_elsewhere(job: Job, provider_job_id: str) -> bool:
    """Whether another job of the workspace goes by this id of the same provider."""
    same = Job.objects.filter(workspace=job.workspace_id, provider=job.provider, provider_job_id=provider_job_id)
    return same.exclude(pk=job.pk).exists()


def _is_proven_absent(job: Job, listed: Sequence[Snapshot], service: Provider) -> bool:
    latest = job.attempts.order_by("-number").first()
    if latest is None or not service.can(Capability.LIST):
        return False
    grace = timedelta(seconds=1.5 * service.longest_call)
    if timezone.now() - latest.created_at < grace:
        return False
    younger = _younger(job, latest, listed)
    is_whole = len(listed) < service.list_length or len(younger) < len(listed)
    return is_whole and not any(_may_be(job, snapshot) for snapshot in younger)


def _younger(job: Job, latest: Attempt, listed: Sequence[Snapshot]) -> Sequence[Snapshot]:
    """What stands above the first job that was accepted before the attempt began: ours would stand there."""
    ids = [snapshot.provider_job_id for snapshot in listed]
    older = Attempt.objects.filter(job__api_key=job.api_key_id, provider_job_id__in=ids)
    older = older.filter(outcome=Attempt.Outcome.ACCEPTED, ended_at__lt=latest.created_at)
    known = set(older.values_list("provider_job_id", flat=True))
    return listed[: next((place for place, id_ in enumerate(ids) if id_ in known), len(listed))]


def _may_be(job: Job, snapshot: Snapshot) -> bool:
    """Whether a listed job that was not recognised as *job* may be it all the same: its entry is damaged, or does not
    repeat the callback and no other job of ours goes by its id."""
    if not snapshot.provider_job_id:
        return True
    return not snapshot.tells_callback and not is_held_elsewhere(job, snapshot.provider_job_id)


def _may_be_sent_again(job: Job, service: Provider) -> bool:
    """Only once is a job sent again by itself. Where it costs nothing, our own deaths do not count."""
    absent = job.attempts.filter(outcome=Attempt.Outcome.ABSENT)
    if service.is_practice and absent.count() < MOST_DEATHS:
        absent = absent.exclude(detail=STOPPED)
    return not absent.exists()


def _send_again(job: Job) -> None:
    mark_absent(job)
    onward.send_again(job, words.not_there_send_again(_label(job)), wait=0)


def mark_absent(job: Job) -> None:
    """The latest attempt never arrived."""
    lost = job.attempts.filter(outcome__in=[Attempt.Outcome.UNCERTAIN, Attempt.Outcome.OPEN])
    lost.update(outcome=Attempt.Outcome.ABSENT)


def _wait_or_ask(job: Job, service: Provider) -> None:
    window = LISTED_WINDOW if service.can(Capability.LIST) else UNLISTED_WINDOW
    age = timezone.now() - (job.uncertain_since or timezone.now())
    if age >= window and not job.needs_decision:
        onward.ask_for_decision(job, words.DECISION_NEEDED, wait=SLOWEST)
    else:
        wait = SLOWEST if job.needs_decision else min(max(age.total_seconds() / 4, 1.0), 60.0)
        change(job, next_action_at=in_seconds(wait), last_checked_at=timezone.now())


def _label(job: Job) -> str:
    return provider(job.provider).label
