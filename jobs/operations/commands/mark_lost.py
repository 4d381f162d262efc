"""Stop asking after a job that nobody will hear of again, because a person who looks after the server says so."""

from django.utils import timezone

from dashboard.models import AuditEntry, User
from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.errors import NotPossible
from jobs.operations.transitions import locked, move

BEING_SENT = "This job is being sent at this moment. Try again in a minute."
MARKED = "Marked as lost."


def mark_lost(job: Job, user: User) -> str:
    """End *job* as lost and return what happened, in a sentence. What it made so far stays.

    Raises `NotPossible` when the job has ended, or while a worker is sending it.
    """
    with locked(job.pk) as row:
        if not JobState(row.state).is_open:
            raise NotPossible(words.NOT_OPEN)
        if row.state == JobState.SUBMITTING and row.lease_until and row.lease_until > timezone.now():
            raise NotPossible(BEING_SENT)
        _end(row, user)
    return MARKED


def _end(row: Job, user: User) -> None:
    was_sent = row.state != JobState.READY
    sentence = f"{user} marked this job as lost: nobody asks after it any more. {_about_money(was_sent)}"
    changes = {"charged": Job.Charged.UNKNOWN} if was_sent and row.charged == Job.Charged.NO else {}
    move(row, JobState.LOST, sentence, user=user, failure_code="lost", failure=sentence, next_action_at=None, **changes)
    AuditEntry.note(row.workspace, user, "job.marked_lost", f"{user} marked the job {row.name} as lost.")


def _about_money(was_sent: bool) -> str:  # noqa: FBT001
    return "The provider may have charged it: look there." if was_sent else "It was never sent, so nothing was charged."
