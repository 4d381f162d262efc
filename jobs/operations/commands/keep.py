"""Copy a checkpoint here that was left at its provider, because somebody wants it."""

from django.db.models.functions import Now

from dashboard.models import User
from jobs.models import Checkpoint, JobState
from jobs.operations.errors import NotPossible
from jobs.operations.hint import hint
from jobs.operations.results import words
from jobs.operations.transitions import change, locked, tell


def keep(checkpoint: Checkpoint, user: User) -> None:
    """Have *checkpoint* fetched; asking twice is asking once.

    Raises `NotPossible` when it is here already, or gone from the provider.
    """
    with locked(checkpoint.job_id) as job:
        row = job.checkpoints.get(pk=checkpoint.pk)
        if row.state == Checkpoint.State.WAITING:
            return
        if not row.can_be_kept:
            raise NotPossible(words.NOT_TO_KEEP)
        job.checkpoints.filter(pk=row.pk).update(state=Checkpoint.State.WAITING)
        if JobState(job.state).is_final:
            change(job, results_pending=True, next_action_at=Now(), tries=0)
        tell(job, words.keeping(user, words.checkpoint_at(row.step)), user=user, kind="results")
        hint("fetch_results", job.pk)
