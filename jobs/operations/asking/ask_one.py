"""Questions about single jobs: those that are not on the provider's list, and those somebody wants stopped."""

from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.asking.apply_snapshot import ASKED_AFTER, apply
from jobs.operations.asking.pace import backoff
from jobs.operations.clock import in_seconds
from jobs.operations.leases import Held
from jobs.operations.providers import provider
from jobs.operations.stumble import guarded
from jobs.operations.transitions import change, locked, move
from jobs.providers.base import Capability, Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, Unavailable
from jobs.providers.order import Kind

CHECKS = 3
NOT_FOUND_SECONDS = 600.0
BETWEEN_CHECKS = 300.0
MOST_UNANSWERED = 3


def ask_each(jobs: list[Job], service: Provider, opened: Credentials, held: Held) -> None:
    """Ask after *jobs* one by one while our lease holds. Raises `KeyRefused`, `TooMany`, or the third `Unavailable`:
    one job that nobody can answer for holds up no other."""
    unanswered = 0
    for job in jobs:
        if not held.renew():
            return
        try:
            ask_one(job, service, opened)
        except Unavailable:
            unanswered += 1
            if unanswered >= MOST_UNANSWERED:
                raise
            ask_later(job, backoff(job.tries + 1))


def ask_later(job: Job, wait: float) -> None:
    """Put the next question off, unless somebody moved the job meanwhile."""
    due = Job.objects.filter(pk=job.pk, state=job.state, next_action_at__lte=Now())
    due.update(next_action_at=in_seconds(wait))


def ask_one(job: Job, service: Provider, opened: Credentials) -> None:
    """Bring one job up to date. Raises `Unavailable`, `KeyRefused` or `TooMany`."""
    with guarded(job.pk, "read how it is"):
        try:
            snapshot = service.read(Kind(job.kind), job.provider_job_id, opened)
        except NotThere:
            _not_found(job)
        else:
            apply(job.pk, snapshot)


def _not_found(asked: Job) -> None:
    """The provider does not know the job: lost after three such answers over ten minutes (P25)."""
    with locked(asked.pk) as job:
        if job.state not in ASKED_AFTER:
            return
        since = job.not_found_since or timezone.now()
        missed = (timezone.now() - since).total_seconds()
        if job.tries + 1 >= CHECKS and missed >= NOT_FOUND_SECONDS:
            _lose(job)
        else:
            change(
                job,
                tries=job.tries + 1,
                not_found_since=since,
                last_checked_at=Now(),
                next_action_at=in_seconds(BETWEEN_CHECKS),
            )


def _lose(job: Job) -> None:
    sentence = words.lost(provider(job.provider).label)
    move(job, JobState.LOST, sentence, failure_code="lost", failure=sentence, next_action_at=None)


def ask_to_stop(due: list[Job], service: Provider, opened: Credentials) -> None:
    """Pass on what people asked for; what the provider says next counts. Asking again does no harm."""
    if not service.can(Capability.CANCEL):
        return
    for job in due:
        if job.cancel_requested_at is not None and job.state in ASKED_AFTER:
            _stop(job, service, opened)


def _stop(job: Job, service: Provider, opened: Credentials) -> None:
    try:
        service.cancel(Kind(job.kind), job.provider_job_id, opened)
    except KeyRefused:
        raise
    except ProviderError:
        # It has ended already, or did not hear us: the look that follows tells, and the next one asks again.
        return
