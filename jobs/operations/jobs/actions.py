"""What people do with a job: stop it, look again, settle a doubt, keep a checkpoint, take it off the list, give it up.

Each locks the job, looks at what it is now, and raises `NotPossible` in a sentence when that leaves nothing to do.
"""

from enum import StrEnum
from typing import Any

from django.db.models.functions import Now

from dashboard.models import AuditEntry, User
from dashboard.tokens import token_hash
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.api_keys import keys, waiting
from jobs.operations.enqueue import enqueue
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.jobs.poll import ask_soon
from jobs.operations.jobs.reconcile import adopt, is_held_elsewhere, mark_absent
from jobs.operations.jobs.state import (
    ASKED_AFTER,
    CLEAN,
    By,
    add_event,
    change,
    locked,
    move,
    requeue,
    show,
)
from jobs.operations.jobs.submit import LONGEST_ID
from jobs.operations.providers import provider
from jobs.operations.results import sentences as results_sentences
from jobs.providers.base import Capability
from jobs.providers.errors import NotThere, ProviderError
from jobs.providers.order import Kind


def cancel(job: Job, user: User | None) -> str:
    """Stop *job* and return what happens now, in a sentence. Stopping twice is stopping once. Without *user* it was
    not a member who wanted it stopped, but somebody who withdrew photos.

    What the provider reports counts, the stop or the result, whichever came first (P29). Raises `NotPossible` when the
    job has ended or its provider cannot stop jobs.
    """
    with locked(job.pk) as row:
        if JobState(row.state).is_final:
            raise NotPossible(sentences.NOT_OPEN)
        if row.state == JobState.READY:
            by = By.PERSON if user else By.WITHDRAWAL
            said = f"{user or 'We'} cancelled this job before it was sent. Nothing was charged."
            move(row, JobState.CANCELLED, said, by=by, user=user, next_action_at=None, **CLEAN)
            return sentences.CANCELLED_UNSENT
        label = provider(row.provider).label
        if row.needs_decision and user is not None:
            raise NotPossible(f"Nobody knows yet whether {label} has this job. Say so on its page; it can end there.")
        if not can_be_cancelled(row):
            raise NotPossible(f"{label} cannot stop a job once it has it. It goes on and ends by itself.")
        if row.cancel_requested_at is None:
            due = {"next_action_at": Now()} if row.state in ASKED_AFTER else {}
            change(row, cancel_requested_at=Now(), **due)
            add_event(row, f"{user or 'We'} asked to stop this job.", user=user)
            ask_soon(row)
    return "We are asking the provider to stop. Whichever comes first counts: the stop or the result."


def can_be_cancelled(job: Job) -> bool:
    """Whether there is anything to press: the job is open, and not yet sent or at a provider that can stop it. One that
    nobody knows about is ended by `decide`."""
    if job.state == JobState.READY:
        return True
    return JobState(job.state).is_open and not job.needs_decision and provider(job.provider).can(Capability.CANCEL)


def check_again(job: Job, user: User) -> str:
    """Make the next look at *job* due now and return what happens, in a sentence.

    A job that ended with results missing tries to fetch those again. Raises `NotPossible` when nothing is left to
    look at.
    """
    with locked(job.pk) as row:
        if row.state == JobState.SUBMITTING:
            pass  # its due time is its lease, and whoever sends it is at work
        elif row.state == JobState.READY:
            change(row, next_action_at=Now())
            enqueue("submit", row.pk)
        elif JobState(row.state).is_open:
            change(row, next_action_at=Now())
            ask_soon(row)
        elif row.results_pending or row.missing_count:
            missing = GeneratedImage.State.MISSING
            row.generated_images.filter(state=missing).update(state=GeneratedImage.State.WAITING)
            lost = row.checkpoints.filter(state__in=Checkpoint.GONE, deleted_at=None)
            lost.update(state=Checkpoint.State.WAITING)
            again: dict[str, Any] = {"results_pending": True, "missing_count": 0, "next_action_at": Now(), "tries": 0}
            change(row, **again)
            add_event(row, f"{user} asked to fetch what is missing once more.", user=user)
            enqueue("fetch_results", row.pk)
        else:
            raise NotPossible("This job has ended and everything it made is here.")
    return "We are looking again now."


def keep(checkpoint: Checkpoint, user: User) -> None:
    """Have *checkpoint* fetched that was left at its provider; asking twice is asking once.

    Raises `NotPossible` when it is here already, or gone from the provider.
    """
    with locked(checkpoint.job_id) as job:
        row = job.checkpoints.get(pk=checkpoint.pk)
        if row.state == Checkpoint.State.WAITING:
            return
        if not row.can_be_kept:
            raise NotPossible(results_sentences.NOT_TO_KEEP)
        job.checkpoints.filter(pk=row.pk).update(state=Checkpoint.State.WAITING)
        if JobState(job.state).is_final:
            change(job, results_pending=True, next_action_at=Now(), tries=0)
        said = results_sentences.keeping(user, results_sentences.checkpoint_at(row.step))
        add_event(job, said, user=user, kind="results")
        enqueue("fetch_results", job.pk)


class Decision(StrEnum):
    """What a person found out about a job that nobody knew about."""

    THERE = "yes"
    """The provider has it: go on with it."""
    SEND = "no"
    """It is not there: send it again."""
    FORGET = "forget"
    """It is not there, and is not wanted any more."""


def decide(job: Job, user: User, decision: Decision, provider_job_id: str = "") -> str:
    """A person settles what we could not find out, by the id that the provider has *job* under where it is there.
    Never automatic, always noted. Returns what happens now, in a sentence; what was to be stopped is not sent again.

    The provider is asked after the id first. Raises `NotPossible` when there is nothing to decide any more, or the id
    is missing, belongs to another job, or is not known to the provider.
    """
    id_ = provider_job_id.strip()
    if decision is Decision.THERE:
        _make_sure(job, id_)
    with locked(job.pk) as row:
        if row.state != JobState.UNCERTAIN or not row.needs_decision:
            raise NotPossible("This was settled in the meantime; there is nothing left to decide.")
        if decision is Decision.THERE:
            if is_held_elsewhere(row, id_):
                raise NotPossible(
                    "Another job here already has this id. Look again which one it is on the provider's page."
                )
            AuditEntry.note(row.workspace, user, "job.decided", f"{row.name}: {user} found it at the provider ({id_}).")
            adopt(row, row.attempts.order_by("-number").first(), id_, by=By.PERSON)
            return "Thank you. The job goes on."
        mark_absent(row)
        said = f"{user} made sure that the provider does not have this job."
        if decision is Decision.SEND and row.cancel_requested_at is None:
            AuditEntry.note(row.workspace, user, "job.decided", f"{row.name}: {said} It is sent again.")
            requeue(row, f"{said} It is sent again.", wait=0, by=By.PERSON, tries=0)
            return "Thank you. The job is sent again."
        AuditEntry.note(row.workspace, user, "job.decided", f"{row.name}: {said} It ends here.")
        over: dict[str, Any] = {"charged": Job.Charged.NO, "next_action_at": None, **CLEAN}
        move(row, JobState.CANCELLED, f"{said} It ends here.", by=By.PERSON, user=user, **over)
        return "Thank you. The job ends here, and is not sent again."


def _make_sure(job: Job, id_: str) -> None:
    """Ask the provider whether it has *job* under *id_*. Raises `NotPossible` unless it has."""
    if not 0 < len(id_) <= LONGEST_ID or not id_.isprintable():
        raise NotPossible("Paste the id that the provider's page shows for this job.")
    service = provider(job.provider)
    if not service.can_be_asked_after(id_):
        return
    try:
        found = service.read(Kind(job.kind), id_, keys.credentials(waiting.key_of(job), "decide"))
    except NotThere:
        raise NotPossible(f"{service.label} knows no job with this id. Look at its page once more.") from None
    except ProviderError:
        raise NotPossible(f"{service.label} could not be asked about this id just now. Try again soon.") from None
    token = found.callback_url.rstrip("/").rpartition("/")[2]
    if token and not job.attempts.filter(token_hash=token_hash(token)).exists():
        raise NotPossible(f"The job with this id at {service.label} is another one. Look at its page once more.")


def mark_lost(job: Job, user: User) -> str:
    """Stop asking after a job that nobody will hear of again, because *user*, who looks after the server, says so.

    Returns what happened, in a sentence. What it made so far stays. Raises `NotPossible` when the job has ended, or
    while a worker is sending it.
    """
    with locked(job.pk) as row:
        if not JobState(row.state).is_open:
            raise NotPossible(sentences.NOT_OPEN)
        if row.state == JobState.SUBMITTING and Job.objects.filter(pk=row.pk, lease_until__gt=Now()).exists():
            raise NotPossible("This job is being sent at this moment. Try again in a minute.")
        was_sent = row.state != JobState.READY
        money = "It was never sent, so nothing was charged."
        if was_sent:
            money = "The provider may have charged it: look there."
        said = f"{user} marked this job as lost: nobody asks after it any more. {money}"
        over: dict[str, Any] = {"failure_code": "lost", "failure": said, "next_action_at": None}
        if was_sent and row.charged == Job.Charged.NO:
            over["charged"] = Job.Charged.UNKNOWN
        move(row, JobState.LOST, said, by=By.OPERATOR, user=user, **over)
        AuditEntry.note(row.workspace, user, "job.marked_lost", f"{user} marked the job {row.name} as lost.")
    return "Marked as lost."


def delete(job: Job, user: User) -> None:
    """Hide *job*; deleting twice is deleting once. Its pictures stay in the gallery, and nothing is deleted at the
    provider. Raises `NotPossible` while the job is under way."""
    with locked(job.pk) as row:
        if JobState(row.state).is_open:
            raise NotPossible("This job is still under way. Cancel it first, then delete it.")
        if row.deleted_at is None:
            change(row, deleted_at=Now())
            show(row)
            AuditEntry.note(row.workspace, user, "job.deleted", f"{user} deleted the job {row.name}.")


def restore(job: Job, user: User) -> None:
    """Undo `delete`. Raises `NotPossible` when the photos behind the job were withdrawn."""
    with locked(job.pk) as row:
        if row.withdrawn_at is not None:
            raise NotPossible(sentences.WITHDRAWN)
        if row.deleted_at is not None:
            change(row, deleted_at=None)
            show(row)
            AuditEntry.note(row.workspace, user, "job.restored", f"{user} brought back the job {row.name}.")
