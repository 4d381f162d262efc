"""Where a job goes once we know, or know that we don't know, what became of an attempt. Each takes a locked job."""

from typing import Any

from django.db.models.functions import Now

from jobs.models import Callback, Job, JobState
from jobs.operations import words
from jobs.operations.clock import in_seconds
from jobs.operations.foreign import clean
from jobs.operations.hint import hint
from jobs.operations.providers import provider
from jobs.operations.sending import outside
from jobs.operations.transitions import CLEAN, move
from jobs.providers.base import Capability

REHEARSAL = 600.0
"""Seconds after which a rehearsal that cannot be asked after counts as done, when a callback could have come."""


def queue(job: Job, provider_job_id: str, sentence: str, *, tracked: bool = True, **changes: Any) -> None:
    """The provider has the job under this id: from now on it is asked after."""
    wait = _first_look(job, tracked=tracked)
    known: dict[str, Any] = {
        "provider_job_id": provider_job_id,
        "tracked": tracked,
        "next_action_at": in_seconds(wait),
        "charged": Job.Charged.NO if is_free(job) else Job.Charged.UNKNOWN,
        "tries": 0,
        "uncertain_since": None,
        "needs_decision": False,
        "queue_reason": "",
    }
    if move(job, JobState.QUEUED, sentence, **known, **CLEAN, **changes):
        hint_poll(job, wait)


def _first_look(job: Job, *, tracked: bool) -> float:
    service = provider(job.provider)
    if job.cancel_requested_at is not None:
        return 0.0
    if tracked:
        return service.poll_seconds[0]
    if Callback.objects.filter(attempt__job=job).exists():
        return 0.0  # it rang before it had answered
    return REHEARSAL if service.can(Capability.CALLBACK) and outside.is_reachable() else 2.0


def send_again(job: Job, sentence: str, wait: float, **changes: Any) -> None:
    """The provider certainly does not have the job: it goes out in *wait* seconds, unless somebody cancelled it."""
    if job.cancel_requested_at is not None:
        over: dict[str, Any] = {"charged": Job.Charged.NO, "next_action_at": None, **CLEAN}
        move(job, JobState.CANCELLED, words.CANCELLED_UNSENT, **over)
        return
    calm: dict[str, Any] = {"uncertain_since": None, "needs_decision": False, "charged": Job.Charged.NO, **CLEAN}
    if move(job, JobState.READY, sentence, next_action_at=in_seconds(wait), **calm, **changes):
        hint("submit", job.pk, delay=min(wait, 30.0))


def fail(job: Job, code: str, sentence: str, **changes: Any) -> None:
    """The job ends, and the provider certainly does not have it: nothing was charged."""
    over: dict[str, Any] = {"charged": Job.Charged.NO, "next_action_at": None, "field_errors": {}, **changes}
    move(job, JobState.FAILURE, sentence, failure_code=code, failure=clean(sentence, 2000), **over)


def doubt(job: Job, sentence: str) -> None:
    """The provider may have the job: it is never sent again before somebody looked."""
    if move(job, JobState.UNCERTAIN, sentence, next_action_at=in_seconds(1), **_doubtful(job)):
        hint_poll(job, 1.0)


def ask_for_decision(job: Job, sentence: str, wait: float | None = None) -> None:
    """Only a person can tell now. With *wait* we look once more by ourselves after so many seconds."""
    due = None if wait is None else in_seconds(wait)
    asked = {**_doubtful(job), "needs_decision": True, "next_action_at": due}
    move(job, JobState.UNCERTAIN, sentence, kind="alert", **asked)


def _doubtful(job: Job) -> dict[str, Any]:
    charged = Job.Charged.NO if is_free(job) else Job.Charged.UNKNOWN
    return {"uncertain_since": job.uncertain_since or Now(), "charged": charged, "tries": 0}


def is_free(job: Job) -> bool:
    """Whether the job costs nothing whatever happens."""
    return job.dry_run or provider(job.provider).is_practice


def hint_poll(job: Job, delay: float) -> None:
    if job.api_key_id is not None:
        hint("poll_key", job.api_key_id, job.kind, delay=min(delay, 30.0))
