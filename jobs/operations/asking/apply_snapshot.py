"""Bring a job up to what its provider says of it. Nobody else turns provider words into a job's state.

Compare-and-set: the row is locked, terminal states stay, percent only grows, a state never goes back. Every change of
state is an event and a new version; a look that finds nothing new leaves only the time of the look.
"""

import logging
from datetime import datetime
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.asking.pace import is_overdue, next_poll
from jobs.operations.clock import in_seconds
from jobs.operations.failpoints import reach
from jobs.operations.foreign import as_json, clean
from jobs.operations.hint import hint
from jobs.operations.providers import provider
from jobs.operations.results.artifacts import keep_new
from jobs.operations.sending.onward import is_free
from jobs.operations.transitions import CLEAN, change, locked, move, show, tell
from jobs.providers.reply import Snapshot, State

logger = logging.getLogger(__name__)

ASKED_AFTER = frozenset({JobState.QUEUED, JobState.RUNNING})
_STATES = {
    State.RUNNING: JobState.RUNNING,
    State.SUCCESS: JobState.SUCCESS,
    State.FAILURE: JobState.FAILURE,
    State.CANCELLED: JobState.CANCELLED,
}


def apply(job_id: int, snapshot: Snapshot) -> None:
    """Change the job to what *snapshot* says, if it is still being asked after."""
    with locked(job_id) as job:
        if job.state in ASKED_AFTER:
            _apply(job, snapshot, timezone.now())


def _apply(job: Job, snapshot: Snapshot, now: datetime) -> None:
    target = _STATES.get(snapshot.state, JobState(job.state))
    _tell_unknown(job, snapshot)
    made = keep_new(job, snapshot.artifacts, final=target.is_final)
    reach("apply.results_kept")
    visible = _look(job, snapshot, now)
    if target.is_final:
        _end(job, target, snapshot)
    elif target != job.state:
        move(job, target, words.running(_label(job)), started_at=Now())
    elif made or visible:
        show(job)
    if made or (job.results_pending and target.is_final):
        hint("fetch_results", job.pk)


def _look(job: Job, snapshot: Snapshot, now: datetime) -> bool:
    """Write what every look brings; whether any of it shows on a page."""
    if snapshot.state is State.QUEUED and job.state == JobState.RUNNING:
        logger.info("Job %s: the provider says queued after running; it stays running.", job.pk)
    before = (job.percent, job.queue_position, job.failure_code)
    seen: dict[str, Any] = {
        "percent": _percent(job, snapshot),
        "queue_position": _place(job, snapshot),
        "provider_state": clean(snapshot.raw_state, 100),
        "raw": as_json(snapshot.raw),
    }
    wait = next_poll(job, provider(job.provider), now)
    due = {"last_checked_at": Now(), "next_action_at": in_seconds(wait), "tries": 0, "not_found_since": None}
    change(job, **seen, **due, **CLEAN)
    _tell_overdue(job, now)
    return before != (job.percent, job.queue_position, job.failure_code)


def _percent(job: Job, snapshot: Snapshot) -> int:
    said = 100 if snapshot.state is State.SUCCESS else snapshot.percent or 0
    return max(job.percent, min(max(said, 0), 100))


def _place(job: Job, snapshot: Snapshot) -> int | None:
    """The place in the queue, or None outside it and for a number that is none."""
    waits = job.state == JobState.QUEUED and snapshot.state in (State.QUEUED, State.UNKNOWN)
    place = snapshot.queue_position
    return place if waits and place is not None and 0 <= place < 2**31 else None


def _end(job: Job, target: JobState, snapshot: Snapshot) -> None:
    sentence = _last_words(job, target, snapshot)
    has_results = (target == JobState.SUCCESS and not job.dry_run) or bool(snapshot.artifacts)
    changes: dict[str, Any] = {
        "charged": _charged(job, target),
        "results_pending": has_results,
        "next_action_at": Now() if has_results else None,
    }
    if target == JobState.FAILURE:
        changes |= {"failure_code": "provider", "failure": clean(sentence, 2000)}
    move(job, target, sentence, **changes)


def _last_words(job: Job, target: JobState, snapshot: Snapshot) -> str:
    if target == JobState.SUCCESS:
        return words.succeeded(_label(job), dry_run=job.dry_run)
    if target == JobState.CANCELLED:
        return words.cancelled(_label(job))
    return words.failed(_label(job), clean(snapshot.failure, 1500), free=is_free(job))


def _charged(job: Job, target: JobState) -> str:
    if is_free(job):
        return Job.Charged.NO
    return Job.Charged.YES if target == JobState.SUCCESS else Job.Charged.UNKNOWN


def _tell_unknown(job: Job, snapshot: Snapshot) -> None:
    """A state nobody has heard of is told once, and changes nothing."""
    if snapshot.state is not State.UNKNOWN:
        return
    said = clean(snapshot.raw_state, 100)
    sentence = words.provider_says(_label(job), said)
    if said != job.provider_state and not job.events.filter(kind="alert", sentence=sentence).exists():
        logger.warning("Job %s: %s says %r, which we do not know.", job.pk, job.provider, said)
        tell(job, sentence, kind="alert")


def _tell_overdue(job: Job, now: datetime) -> None:
    """One that takes unusually long is told once; it is asked after for as long as it takes."""
    if is_overdue(job, now) and not job.events.filter(kind="overdue").exists():
        tell(job, words.overdue(_label(job)), kind="overdue")


def _label(job: Job) -> str:
    return provider(job.provider).label
