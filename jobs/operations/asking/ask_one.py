"""What the answer to a question about a single job does, and how a job is stopped that somebody wants stopped."""

from collections.abc import Callable

from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.asking.apply_snapshot import ASKED_AFTER, apply
from jobs.operations.clock import in_seconds
from jobs.operations.providers import provider
from jobs.operations.stumble import guarded
from jobs.operations.transitions import change, locked, move
from jobs.providers.base import Capability, Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NotThere, ProviderError
from jobs.providers.order import Kind
from jobs.providers.reply import Snapshot

CHECKS = 3
NOT_FOUND_SECONDS = 600.0
BETWEEN_CHECKS = 300.0


def ask_later(job: Job, wait: float) -> None:
    """Put the next question off, unless somebody moved the job meanwhile."""
    due = Job.objects.filter(pk=job.pk, state=job.state, next_action_at__lte=Now())
    due.update(next_action_at=in_seconds(wait))


def take_in(job: Job, answer: Callable[[], Snapshot]) -> None:
    """Bring one job up to date with the *answer* to a question about it.

    Raises what the answer raises, but for `NotThere`: `Unavailable`, `KeyRefused` or `TooMany`.
    """
    unanswered: ProviderError | None = None
    with guarded(job.pk, "read how it is"):
        try:
            snapshot = answer()
        except NotThere:
            _not_found(job)
        except ProviderError as error:
            unanswered = error  # no failure of ours, so it is not counted against the job
        else:
            apply(job.pk, snapshot)
    if unanswered is not None:
        raise unanswered


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
    """Pass on what people asked for about those that are *due*."""
    for job in due:
        stop(job, service, opened)


def stop(job: Job, service: Provider, opened: Credentials) -> None:
    """Pass on that *job* is to be stopped, if somebody asked for that; what the provider says next counts. Asking again
    does no harm. Raises `KeyRefused`."""
    if job.cancel_requested_at is None or job.state not in ASKED_AFTER or not service.can(Capability.CANCEL):
        return
    try:
        service.cancel(Kind(job.kind), job.provider_job_id, opened)
    except KeyRefused:
        raise
    except ProviderError:
        # It has ended already, or did not hear us: the look that follows tells, and the next one asks again.
        return
