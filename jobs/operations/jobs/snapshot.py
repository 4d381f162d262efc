"""Bring a job up to what its provider says of it. Nobody else turns provider words into a job's state.

Compare-and-set: the row is locked, terminal states stay, percent only grows, a state never goes back (P23). Every
change of state is an event and a new version; a look that finds nothing new leaves only the time of the look (P20).
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, OuterRef, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Checkpoint, GeneratedImage, Job, JobEvent, JobState
from jobs.models.job import FINAL_STATES
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.jobs import quarantine, sentences
from jobs.operations.jobs.state import ASKED_AFTER, CLEAN, By, add_event, change, is_free, locked, move, show
from jobs.operations.providers import provider
from jobs.operations.results.artifacts import keep_new
from jobs.operations.storable import as_json, clean
from jobs.providers.base import Provider
from jobs.providers.reply import ArtifactKind, Snapshot, State

logger = logging.getLogger(__name__)

CHECKS = 3
NOT_FOUND_SECONDS = 600.0
BETWEEN_CHECKS = 300.0
LOOKS_BEFORE_FORGOTTEN = 6
"""So often is a job asked after, at least, within the time for which its provider remembers it."""
REHEARSED = "The rehearsal went well: {} would take this order. Nothing was charged."
_STATES = {
    State.RUNNING: JobState.RUNNING,
    State.SUCCESS: JobState.SUCCESS,
    State.FAILURE: JobState.FAILURE,
    State.CANCELLED: JobState.CANCELLED,
}


def apply_all(jobs: QuerySet[Job], said: Mapping[str, Snapshot]) -> None:
    """Bring *jobs* up to what is *said* of them, by the provider's ids.

    Most looks find nothing new. Those jobs are told apart without a lock, and what a look leaves on all of them is
    one statement; the others are changed one after the other.
    """
    now, waits = timezone.now(), dict[int, float]()
    told = JobEvent.objects.filter(job=OuterRef("pk"), kind="overdue")
    looked_at = list(jobs.filter(state__in=ASKED_AFTER).annotate(is_told_overdue=Exists(told)).only(*_COMPARED))
    kept = _kept([job.pk for job in looked_at]) if any(snapshot.artifacts for snapshot in said.values()) else set()
    for job in looked_at:
        snapshot = said[job.provider_job_id]
        with quarantine.contained(job.pk, "read how it is"):
            is_settled = job.is_told_overdue or not is_overdue(job, now)
            if is_settled and _is_known(job, snapshot, kept):
                waits[job.pk] = next_poll(job, provider(job.provider), now)
            else:
                apply(job.pk, snapshot)
                reach("poll.applied")
    reach("poll.compared")
    if waits:
        _note_look(waits)
        reach("poll.noted")


_COMPARED = (
    *("provider", "provider_job_id", "state", "percent", "queue_position", "provider_state", "raw", "failure_code"),
    *("submitted_at", "started_at", "estimated_seconds_high", "cancel_requested_at", "next_action_at"),
)


def _kept(job_ids: list[int]) -> set[tuple[int, str, str]]:
    """Which results of these jobs have rows: job, kind and the provider's id of each."""
    rows = [
        model.objects.filter(job__in=job_ids)
        .annotate(of=Value(str(kind)))
        .values_list("job", "of", "provider_result_id")
        for model, kind in ((Checkpoint, ArtifactKind.CHECKPOINT), (GeneratedImage, ArtifactKind.IMAGE))
    ]
    return set(rows[0].union(rows[1], all=True))


def _is_known(job: Job, snapshot: Snapshot, kept: set[tuple[int, str, str]]) -> bool:
    """Whether *snapshot* says nothing that the row of *job* does not say already."""
    before = (job.state, job.percent, job.queue_position, job.provider_state, job.failure_code)
    target = _STATES.get(snapshot.state, JobState(job.state))
    if before != (target, _percent(job, snapshot), _place(job, snapshot), clean(snapshot.raw_state, 100), ""):
        return False
    if job.cancel_requested_at is not None or job.next_action_at is None or as_json(snapshot.raw) != job.raw:
        return False
    return all((job.pk, str(one.kind), one.id) in kept for one in snapshot.artifacts if one.available)


def _note_look(waits: Mapping[int, float]) -> None:
    """Write that jobs were looked at just now, and in how many seconds each is looked at again.

    Rows that somebody holds are passed over, and so are jobs that somebody wants stopped or that ended since they were
    read: they stay due. So this waits for nobody, in whatever order others lock the same rows.
    """
    rows = Job.objects.filter(pk__in=list(waits), state__in=ASKED_AFTER, cancel_requested_at=None)
    free = rows.order_by("pk").select_for_update(skip_locked=True, no_key=True)
    again = Case(*(When(pk=pk, then=in_seconds(wait)) for pk, wait in waits.items()), output_field=DateTimeField())
    look: dict[str, Any] = {"last_checked_at": Now(), "next_action_at": again, "tries": 0, "not_found_since": None}
    with transaction.atomic(savepoint=False):
        Job.objects.filter(pk__in=free.values("pk")).update(**look)


def apply(job_id: int, snapshot: Snapshot) -> None:
    """Change the job to what *snapshot* says, if it is still being asked after."""
    with locked(job_id) as job:
        if job.state not in ASKED_AFTER:
            return
        label, now = provider(job.provider).label, timezone.now()
        target = _STATES.get(snapshot.state, JobState(job.state))
        is_final = target in FINAL_STATES
        if snapshot.is_guess or snapshot.state is State.UNKNOWN:
            # Nobody has heard of it: it is told once, and changes nothing unless the rest of the reply does (P21).
            said = clean(snapshot.raw_state, 100)
            what = "but the run is over" if is_final else "so the job stays as it was and we keep asking"
            if is_final and snapshot.artifacts:
                what += ", and what it made is fetched"
            sentence = f"{label} says: “{said}”. We do not know this word, {what}."
            if said != job.provider_state and not job.events.filter(kind="alert", sentence=sentence).exists():
                logger.warning("%s says %r, which we do not know.", job.provider, said)
                add_event(job, sentence, kind="alert")
        made = keep_new(job, snapshot.artifacts, final=is_final)
        reach("apply.results_kept")
        visible = _look(job, snapshot, now)
        if is_final:
            _end(job, target, snapshot)
        elif target != job.state:
            move(job, target, f"{label} started working on it.", by=By.POLL, started_at=Now())
        elif made or visible:
            show(job)
        if made or (job.results_pending and is_final):
            enqueue("fetch_results", job.pk)


def _look(job: Job, snapshot: Snapshot, now: datetime) -> bool:
    """Write what every look brings; whether any of it shows on a page."""
    if snapshot.state is State.QUEUED and job.state == JobState.RUNNING:
        logger.info("The provider says queued after running; it stays running.")
    service = provider(job.provider)
    before = (job.percent, job.queue_position, job.failure_code)
    seen: dict[str, Any] = {
        "percent": _percent(job, snapshot),
        "queue_position": _place(job, snapshot),
        "provider_state": clean(snapshot.raw_state, 100),
        "raw": as_json(snapshot.raw),
    }
    wait = next_poll(job, service, now)
    due = {"last_checked_at": Now(), "next_action_at": in_seconds(wait), "tries": 0, "not_found_since": None}
    change(job, **seen, **due, **CLEAN)
    # One that takes unusually long is told once; it is asked after for as long as it takes (P26).
    if is_overdue(job, now) and not job.events.filter(kind="overdue").exists():
        said = f"{service.label} is still at it and we keep asking; you can wait or cancel."
        add_event(job, f"This is taking unusually long. {said}", kind="overdue")
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
    label, is_success = provider(job.provider).label, target == JobState.SUCCESS
    if is_success:
        sentence = REHEARSED.format(label) if job.dry_run else f"{label} has finished."
    elif target == JobState.CANCELLED:
        sentence = f"{label} stopped this job."
    else:
        sentence = sentences.failed(label, clean(snapshot.failure, 1500), free=is_free(job))
    charged = Job.Charged.NO if is_free(job) else Job.Charged.YES if is_success else Job.Charged.UNKNOWN
    has_results = (is_success and not job.dry_run) or bool(snapshot.artifacts)
    changes: dict[str, Any] = {
        "charged": charged,
        "queue_reason": "",
        "results_pending": has_results,
        "next_action_at": Now() if has_results else None,
    }
    if target == JobState.FAILURE:
        changes |= {"failure_code": "provider", "failure": clean(sentence, 2000)}
    move(job, target, sentence, by=By.POLL, **changes)


def not_found(job_id: int) -> None:
    """The provider does not know the job: lost after three such answers over ten minutes (P25)."""
    with locked(job_id) as job:
        if job.state not in ASKED_AFTER:
            return
        since = job.not_found_since or timezone.now()
        missed = (timezone.now() - since).total_seconds()
        if job.tries + 1 >= CHECKS and missed >= NOT_FOUND_SECONDS:
            said = (
                f"{provider(job.provider).label} no longer knows this job: it was removed there, or kept too short a "
                "time. What we fetched before is safe here. It may have been charged. Press Try again to start over."
            )
            move(job, JobState.LOST, said, by=By.POLL, failure_code="lost", failure=said, next_action_at=None)
            return
        due = in_seconds(BETWEEN_CHECKS)
        change(job, tries=job.tries + 1, not_found_since=since, last_checked_at=Now(), next_action_at=due)


def end_rehearsal(job: Job, *, by: By) -> None:
    """The locked *job* is a rehearsal that cannot be asked after: it was accepted, and that is its result (P14)."""
    label = provider(job.provider).label
    if job.state not in ASKED_AFTER:
        return
    if job.cancel_requested_at is not None:
        move(job, JobState.CANCELLED, f"{label} stopped this job.", by=by, next_action_at=None)
    else:
        done: dict[str, Any] = {"percent": 100, "charged": Job.Charged.NO, "next_action_at": None}
        move(job, JobState.SUCCESS, REHEARSED.format(label), by=by, **done)


# How soon to look at a job again.


def next_poll(job: Job, provider: Provider, now: datetime) -> float:
    """Seconds until the next question about *job*: few near its start and its expected end, more in between.

    One that takes unusually long is asked after slowly, however near its end it says it is. Where the provider forgets
    a job, the most is such that several questions can fail before it does.
    """
    fastest, slowest = provider.poll_seconds
    if provider.forgets_after is not None:
        slowest = max(fastest, min(slowest, provider.forgets_after.total_seconds() / LOOKS_BEFORE_FORGOTTEN))
    if job.cancel_requested_at is not None:
        return fastest
    if is_overdue(job, now):
        return slowest
    age = _seconds_since(job.submitted_at, now)
    remaining = job.estimated_seconds_high - age  # negative when the expected end has passed
    if job.started_at is not None and job.percent:
        remaining = _seconds_since(job.started_at, now) * (100 - job.percent) / job.percent
    return min(max(min(age, abs(remaining)) / 10, fastest), slowest)


def is_overdue(job: Job, now: datetime) -> bool:
    """Whether *job* takes unusually long: three times what was expected, and a minute."""
    return _seconds_since(job.submitted_at, now) > 3 * job.estimated_seconds_high + 60


def _seconds_since(then: datetime | None, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0
