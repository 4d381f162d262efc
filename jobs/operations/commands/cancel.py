"""Stop a job: at once when it was not sent yet, else by asking the provider."""

from django.db.models.functions import Now

from dashboard.models import User
from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.asking import intervals
from jobs.operations.errors import NotPossible
from jobs.operations.providers import provider
from jobs.operations.sending.onward import hint_poll
from jobs.operations.transitions import CLEAN, change, locked, move, tell
from jobs.providers.base import Capability


def cancel(job: Job, user: User | None) -> str:
    """Stop *job* and return what happens now, in a sentence. Stopping twice is stopping once. Without
    *user* it was not a member who wanted it stopped.

    What the provider reports counts, the stop or the result, whichever came first (P29). Raises `NotPossible` when the
    job has ended or its provider cannot stop jobs.
    """
    with locked(job.pk) as row:
        if JobState(row.state).is_final:
            raise NotPossible(words.NOT_OPEN)
        if row.state in (JobState.DRAFT, JobState.READY):
            move(row, JobState.CANCELLED, words.cancelled_by(user), user=user, next_action_at=None, **CLEAN)
            return words.CANCELLED_UNSENT
        return _ask(row, user)


def can_be_cancelled(job: Job) -> bool:
    """Whether there is anything to press: the job is open, and not yet sent or at a provider that can stop it."""
    unsent = job.state in (JobState.DRAFT, JobState.READY)
    return unsent or (JobState(job.state).is_open and provider(job.provider).can(Capability.CANCEL))


def _ask(row: Job, user: User | None) -> str:
    if not can_be_cancelled(row):
        raise NotPossible(words.cannot_stop(provider(row.provider).label))
    if row.cancel_requested_at is None:
        due = {"next_action_at": Now()} if row.state in (JobState.QUEUED, JobState.RUNNING) else {}
        change(row, cancel_requested_at=Now(), **due)
        tell(row, words.cancel_asked(user), user=user)
        intervals.cut_short(row)
        hint_poll(row, 0.0)
    return words.CANCEL_ASKED
