"""The states of a job: who may move it from which to which, and the one function that does.

Everything else may change other columns of a job (`change`), never its state. A job is locked before its workspace,
and no transaction locks two: `Workspace.lock` has the whole order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from dashboard.models import User
from jobs import versions
from jobs.models import Callback, Job, JobEvent, JobState
from jobs.models.job import FINAL_STATES
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.jobs import sentences
from jobs.operations.photo_grants import reachability
from jobs.operations.providers import provider
from jobs.operations.storable import clean
from jobs.providers.base import Capability

CLEAN: dict[str, Any] = {"failure_code": "", "failure": "", "field_errors": {}}
"""What a job that goes on no longer says."""
ASKED_AFTER = frozenset({JobState.QUEUED, JobState.RUNNING})
"""States in which the provider has the job and is asked how it is."""
REHEARSAL = 600.0
"""Seconds after which a rehearsal that cannot be asked after counts as done, when a callback could have come (P14)."""


class By(StrEnum):
    """Who moves a job."""

    SUBMIT = "submit"
    """Whoever sends it, and the answer they got, however late that came."""
    SWEEP = "sweep"
    """Whoever finds that a sender died."""
    RECONCILE = "reconcile"
    """Whoever looks whether the provider has a job whose answer was lost."""
    POLL = "poll"
    CALLBACK = "callback"
    PERSON = "person"
    OPERATOR = "operator"
    """Who looks after the server, on the admin site."""
    WITHDRAWAL = "withdrawal"
    """Somebody who withdrew the photos it was to be made from."""
    QUARANTINE = "quarantine"


@dataclass(frozen=True)
class Move:
    """A job in *source* may be moved to *target* by any of *by*."""

    source: JobState
    target: JobState
    by: tuple[By, ...]


_READY, _SUBMITTING, _UNCERTAIN = JobState.READY, JobState.SUBMITTING, JobState.UNCERTAIN
_QUEUED, _RUNNING, _SUCCESS = JobState.QUEUED, JobState.RUNNING, JobState.SUCCESS
_FAILURE, _CANCELLED, _LOST = JobState.FAILURE, JobState.CANCELLED, JobState.LOST

MOVES = (
    Move(_READY, _SUBMITTING, (By.SUBMIT,)),
    Move(_READY, _FAILURE, (By.SUBMIT, By.QUARANTINE)),
    Move(_READY, _CANCELLED, (By.PERSON, By.WITHDRAWAL)),
    Move(_READY, _LOST, (By.OPERATOR,)),
    # An answer or a callback that came after its attempt was taken for absent, and before the next began (P02, P03).
    # Or it turns out that the provider has a job twice, and the other try becomes a job of its own.
    Move(_READY, _QUEUED, (By.SUBMIT, By.RECONCILE, By.CALLBACK)),
    Move(_READY, _UNCERTAIN, (By.SUBMIT, By.CALLBACK)),
    Move(_READY, _READY, (By.SUBMIT,)),
    # The attempt has an answer, or its sender died (P01, P03-P13, B03).
    Move(_SUBMITTING, _QUEUED, (By.SUBMIT, By.SWEEP)),
    Move(_SUBMITTING, _READY, (By.SUBMIT,)),
    Move(_SUBMITTING, _UNCERTAIN, (By.SUBMIT, By.SWEEP)),
    Move(_SUBMITTING, _FAILURE, (By.SUBMIT,)),
    Move(_SUBMITTING, _CANCELLED, (By.SUBMIT,)),
    Move(_SUBMITTING, _LOST, (By.OPERATOR,)),
    # Adopted, proven absent, or left to a person, who is asked without leaving the state (P02, P03, P13, C04).
    Move(_UNCERTAIN, _QUEUED, (By.SUBMIT, By.RECONCILE, By.CALLBACK, By.PERSON)),
    Move(_UNCERTAIN, _READY, (By.SUBMIT, By.RECONCILE, By.PERSON)),
    Move(_UNCERTAIN, _UNCERTAIN, (By.SUBMIT, By.RECONCILE, By.CALLBACK)),
    Move(_UNCERTAIN, _FAILURE, (By.SUBMIT,)),
    Move(_UNCERTAIN, _CANCELLED, (By.SUBMIT, By.RECONCILE, By.PERSON)),
    Move(_UNCERTAIN, _LOST, (By.OPERATOR, By.PERSON)),
    # What the provider says. A callback ends only rehearsals that cannot be asked after (P14).
    Move(_QUEUED, _RUNNING, (By.POLL,)),
    Move(_QUEUED, _SUCCESS, (By.POLL, By.CALLBACK)),
    Move(_QUEUED, _FAILURE, (By.POLL,)),
    Move(_QUEUED, _CANCELLED, (By.POLL, By.CALLBACK)),
    Move(_QUEUED, _LOST, (By.POLL, By.OPERATOR, By.PERSON)),
    Move(_RUNNING, _SUCCESS, (By.POLL, By.CALLBACK)),
    Move(_RUNNING, _FAILURE, (By.POLL,)),
    Move(_RUNNING, _CANCELLED, (By.POLL, By.CALLBACK)),
    Move(_RUNNING, _LOST, (By.POLL, By.OPERATOR, By.PERSON)),
)
"""Every allowed change of `Job.state`. A new job is READY; what is not the source of any move is final."""
_ALLOWED = {(move.source, move.target): move.by for move in MOVES}


class ForbiddenMove(Exception):
    """The code wants to move a job in a way that `MOVES` does not know: a mistake of ours, and nothing was changed."""


@contextmanager
def locked(job_id: int) -> Iterator[Job]:
    """The job as it is now, changed by nobody else until the block ends. Keep the block short and off the network."""
    with transaction.atomic():
        rows = Job.objects.select_for_update(of=("self",), no_key=True).select_related("workspace", "api_key")
        yield rows.get(pk=job_id)


def move(
    job: Job, target: JobState, sentence: str, *, by: By, user: User | None = None, kind: str = "state", **changes: Any
) -> bool:
    """Put a locked *job* into the state *target* with *changes*, add the event *sentence*, raise its version.

    False, and nothing happens, when the job has ended or is no longer in the state it was read in: somebody was first,
    and that counts (P23, P29, B06). Raises `ForbiddenMove`.
    """
    if job.state in FINAL_STATES:
        return False
    if by not in _ALLOWED.get((JobState(job.state), target), ()):
        raise ForbiddenMove(f"{by} may not move a job from {job.state} to {target}.")
    if target in FINAL_STATES:
        changes = {"finished_at": Now(), "needs_decision": False, "queue_position": None, **changes}
    if not _write(job, {"state": target, "lease_until": None, **changes}):
        return False
    add_event(job, sentence, user=user, kind=kind, state=target)
    return True


def change(job: Job, **changes: Any) -> bool:
    """Write *changes* to a locked *job*, as long as it is in the state it was read in; the object follows."""
    if "state" in changes:
        raise ForbiddenMove("Only `move` writes a job's state.")
    return _write(job, changes)


def _write(job: Job, changes: dict[str, Any]) -> bool:
    # The state in the condition: without it, what was decided for one state could be written over another.
    if Job.objects.filter(pk=job.pk, state=job.state).update(**changes) != 1:
        return False
    job.refresh_from_db(fields=list(changes))
    return True


def add_event(job: Job, sentence: str, *, user: User | None = None, kind: str = "note", state: str = "") -> None:
    """Add an event to the job's story, for everybody to see."""
    JobEvent.objects.create(job=job, user=user, kind=kind, state=state, sentence=clean(sentence, 500))
    show(job)


def show(job: Job) -> None:
    """Let the pages know that *job* changed."""
    job.version = versions.touch(job.workspace)
    job.save(update_fields=["version"])


# Where a locked job goes once we know, or know that we don't know, what became of an attempt to send it.


def queue(job: Job, provider_job_id: str, sentence: str, *, by: By) -> None:
    """The provider has the job under this id: from now on it is asked after, where that can be (P14)."""
    service = provider(job.provider)
    is_pollable = service.can_be_asked_after(provider_job_id)
    if job.cancel_requested_at is not None:
        wait = 0.0
    elif is_pollable:
        wait = service.poll_seconds[0]
    elif Callback.objects.filter(attempt__job=job).exists():
        wait = 0.0  # its callback came before its answer (C04)
    else:
        wait = REHEARSAL if service.can(Capability.CALLBACK) and reachability.is_reachable() else 2.0
    known: dict[str, Any] = {
        "provider_job_id": provider_job_id,
        "is_pollable": is_pollable,
        "next_action_at": in_seconds(wait),
        "charged": Job.Charged.NO if is_free(job) else Job.Charged.UNKNOWN,
        "tries": 0,
        "uncertain_since": None,
        "restored_from": None,
        "needs_decision": False,
        "queue_reason": "",
    }
    if move(job, JobState.QUEUED, sentence, by=by, **known, **CLEAN):
        enqueue_poll(job, wait)


def requeue(job: Job, sentence: str, wait: float, *, by: By, **changes: Any) -> None:
    """The provider certainly does not have the job: it goes out in *wait* seconds, unless somebody cancelled it."""
    if job.cancel_requested_at is not None:
        over: dict[str, Any] = {"charged": Job.Charged.NO, "next_action_at": None, **CLEAN}
        move(job, JobState.CANCELLED, sentences.CANCELLED_UNSENT, by=by, **over)
        return
    calm: dict[str, Any] = {"uncertain_since": None, "restored_from": None, "needs_decision": False, **CLEAN}
    calm["charged"] = Job.Charged.NO
    if move(job, JobState.READY, sentence, by=by, next_action_at=in_seconds(wait), **calm, **changes):
        enqueue("submit", job.pk, delay=min(wait, 30.0))


def fail(job: Job, code: str, sentence: str, *, by: By = By.SUBMIT, **changes: Any) -> None:
    """The job ends, and the provider certainly does not have it: nothing was charged."""
    over: dict[str, Any] = {"charged": Job.Charged.NO, "next_action_at": None, "field_errors": {}, **changes}
    move(job, JobState.FAILURE, sentence, by=by, failure_code=code, failure=clean(sentence, 2000), **over)


def doubt(job: Job, sentence: str, *, by: By) -> None:
    """The provider may have the job: it is never sent again before somebody looked."""
    if move(job, JobState.UNCERTAIN, sentence, by=by, next_action_at=in_seconds(1), **_doubtful(job)):
        enqueue_poll(job, 1.0)


def needs_decision(job: Job, sentence: str, *, by: By, wait: float | None = None) -> None:
    """Only a person can tell now. With *wait* we look once more by ourselves after so many seconds."""
    due = None if wait is None else in_seconds(wait)
    asked = {**_doubtful(job), "needs_decision": True, "next_action_at": due}
    move(job, JobState.UNCERTAIN, sentence, by=by, kind="alert", **asked)


def _doubtful(job: Job) -> dict[str, Any]:
    charged = Job.Charged.NO if is_free(job) else Job.Charged.UNKNOWN
    return {"uncertain_since": job.uncertain_since or Now(), "charged": charged, "tries": 0}


def is_free(job: Job) -> bool:
    """Whether the job costs nothing whatever happens."""
    return job.dry_run or provider(job.provider).costs_nothing


def enqueue_poll(job: Job, delay: float = 0.0) -> None:
    """Have *job* asked after soon, along with what else is due under its key."""
    if job.api_key_id is not None:
        enqueue("poll_key", job.api_key_id, job.kind, delay=min(delay, 30.0))
