"""Look at a job again now, because somebody asked."""

from typing import Any

from django.db.models.functions import Now

from dashboard.models import User
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations import words
from jobs.operations.asking import intervals
from jobs.operations.errors import NotPossible
from jobs.operations.hint import hint
from jobs.operations.sending.onward import hint_poll
from jobs.operations.transitions import change, locked, tell


def check_again(job: Job, user: User) -> str:
    """Make the next look at *job* due now and return what happens, in a sentence.

    A job that ended with results missing tries to fetch those again. Raises `NotPossible` when nothing is left to
    look at.
    """
    with locked(job.pk) as row:
        if JobState(row.state).is_open:
            _look_now(row)
        elif row.results_pending or row.missing_count:
            _fetch_again(row, user)
        else:
            raise NotPossible(words.NOTHING_TO_CHECK)
    return words.CHECKING_NOW


def _look_now(row: Job) -> None:
    if row.state == JobState.SUBMITTING:
        return
    change(row, next_action_at=Now())
    if row.state == JobState.READY:
        hint("submit", row.pk)
    else:
        intervals.cut_short(row)
        hint_poll(row, 0.0)


def _fetch_again(row: Job, user: User) -> None:
    missing = GeneratedImage.State.MISSING
    row.generated_images.filter(state=missing).update(state=GeneratedImage.State.WAITING)
    row.checkpoints.filter(state=Checkpoint.State.MISSING).update(state=Checkpoint.State.WAITING)
    again: dict[str, Any] = {"results_pending": True, "missing_count": 0, "next_action_at": Now(), "tries": 0}
    change(row, **again)
    tell(row, words.fetching_again(user), user=user)
    hint("fetch_results", row.pk)
