"""What people do with a job: stop it, look again, settle a doubt, keep a checkpoint, take it off the list, give it up.

Each locks the job, looks at what it is now, and raises `NotPossible` in a sentence when that leaves nothing to do.
"""

from enum import StrEnum
from typing import Any

from django.db.models.functions import Now

from dashboard.models import AuditEntry, User
from dashboard.tokens import token_hash
from jobs.models import Attempt, Checkpoint, GeneratedImage, Job, JobState
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
from jobs.providers.errors import KeyRefused, NotThere, ProviderError
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
        service = provider(row.provider)
        label = service.label
        if row.needs_decision and user is not None:
            raise NotPossible(f"Nobody knows yet whether {label} has this job. Say so on its page; it can end there.")
        if is_out_of_reach(row) and user is not None:
            charged = {} if service.costs_nothing or row.dry_run else {"charged": Job.Charged.UNKNOWN}
            said = sentences.given_up(user, label)
            over: dict[str, Any] = {"failure_code": "lost", "failure": said, "next_action_at": None, **charged}
            move(row, JobState.LOST, said, by=By.PERSON, user=user, **over)
            return said
        if not can_be_cancelled(row):
            raise NotPossible(sentences.no_stop(label))
        if row.cancel_requested_at is None:
            due = {"next_action_at": Now()} if row.state in ASKED_AFTER else {}
            change(row, cancel_requested_at=Now(), **due)
            add_event(row, f"{user or 'We'} asked to stop this job.", user=user)
            ask_soon(row)
        if row.state not in ASKED_AFTER:
            return f"Noted. If {label} has this job it is asked to stop it; if not, the job is not sent again."
    return f"We are asking {label} to stop. Whichever comes first counts: the stop or the result."


def can_be_cancelled(job: Job) -> bool:
    """Whether *Stop* leads anywhere: the job is open, and not yet sent, at a provider that can stop it, or out of
    reach. One that nobody knows about is ended by `decide`."""
    if job.state == JobState.READY:
        return True
    if not JobState(job.state).is_open or job.needs_decision:
        return False
    return is_out_of_reach(job) or provider(job.provider).can(Capability.CANCEL)


def is_out_of_reach(job: Job) -> bool:
    """Whether *job* was sent and its key does not count any more: its provider can be asked nothing about it."""
    return job.failure_code == waiting.CODE and job.state in (*ASKED_AFTER, JobState.UNCERTAIN)


def is_being_stopped(job: Job) -> bool:
    """Whether *Stop* was pressed on a job that was sent, and its provider is told."""
    return job.cancel_requested_at is not None and job.state != JobState.READY and not is_out_of_reach(job)


def can_be_looked_at(job: Job) -> bool:
    """Whether *Check again* leads anywhere: there is something to send, to ask or to fetch, and a way to do it."""
    state = JobState(job.state)
    if state.is_final:
        return job.results_pending or job.missing_count > 0
    if job.failure_code == waiting.CODE or state is JobState.SUBMITTING:
        return False
    if state is JobState.UNCERTAIN:
        return provider(job.provider).can(Capability.LIST)
    return state is JobState.READY or job.is_pollable


def check_again(job: Job, user: User) -> str:
    """Make the next look at *job* due now and return what happens, in a sentence.

    A job that ended with results missing tries to fetch those again. Raises `NotPossible` when there is nothing to
    look at, or no way to.
    """
    with locked(job.pk) as row:
        if not can_be_looked_at(row):
            raise NotPossible(_nothing_to_look_at(row))
        if row.state == JobState.READY:
            change(row, next_action_at=Now())
            enqueue("submit", row.pk)
            return "We are trying to send it now."
        if JobState(row.state).is_open:
            change(row, next_action_at=Now())
            ask_soon(row)
        else:
            missing = GeneratedImage.State.MISSING
            row.generated_images.filter(state=missing).update(state=GeneratedImage.State.WAITING)
            lost = row.checkpoints.filter(state__in=Checkpoint.GONE, deleted_at=None)
            lost.update(state=Checkpoint.State.WAITING)
            again: dict[str, Any] = {"results_pending": True, "missing_count": 0, "next_action_at": Now(), "tries": 0}
            change(row, **again)
            add_event(row, f"{user} asked to fetch what is missing once more.", user=user)
            enqueue("fetch_results", row.pk)
    return "We are looking again now."


def _nothing_to_look_at(job: Job) -> str:
    label = provider(job.provider).label
    if JobState(job.state).is_final:
        return "This job has ended and everything it made is here."
    if job.failure_code == waiting.CODE:
        return "This job waits for its API key. Replace the key under API keys; then it goes on by itself."
    if job.state == JobState.SUBMITTING:
        return f"This job is being sent to {label} at this moment."
    if job.state == JobState.UNCERTAIN:
        return f"{label} has no list of its jobs that we could look in. Only its own page shows whether it is there."
    return f"{label} cannot be asked after this rehearsal. It ends by itself within ten minutes."


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
    except KeyRefused:
        raise NotPossible(
            f"Without an API key that counts {service.label} cannot be asked about this id. Replace the key first."
        ) from None
    except ProviderError:
        raise NotPossible(f"{service.label} could not be asked about this id just now. Try again soon.") from None
    token = found.callback_url.rstrip("/").rpartition("/")[2]
    known = Attempt.objects.filter(token_hash=token_hash(token))
    # Of what was sent after a backup was made, the restored database knows no attempt (B14).
    is_another = known.exclude(job=job).exists() if job.restored_from else not known.filter(job=job).exists()
    if token and is_another:
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
            raise NotPossible(_why_not_deleted(row))
        if row.deleted_at is None:
            change(row, deleted_at=Now())
            show(row)
            AuditEntry.note(row.workspace, user, "job.deleted", f"{user} deleted the job {row.name}.")


def _why_not_deleted(job: Job) -> str:
    label = provider(job.provider).label
    if job.needs_decision:
        return f"Nobody knows yet whether {label} has this job. Say on its page that it is not there; then delete it."
    if is_being_stopped(job):
        return "This job is being stopped. It ends by itself; delete it then."
    if can_be_cancelled(job):
        return "This job is still under way. Stop it first, then delete it."
    return f"{sentences.no_stop(label)} Delete it then."


def restore(job: Job, user: User) -> bool:
    """Undo `delete`; whether there was anything to undo. Raises `NotPossible` when the photos behind were withdrawn."""
    with locked(job.pk) as row:
        if row.withdrawn_at is not None:
            raise NotPossible(sentences.WITHDRAWN)
        if row.deleted_at is None:
            return False
        change(row, deleted_at=None)
        show(row)
        AuditEntry.note(row.workspace, user, "job.restored", f"{user} brought back the job {row.name}.")
        return True
