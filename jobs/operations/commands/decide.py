"""A person settles what we could not find out: whether the provider has a job. Never automatic, always noted."""

from dashboard.models import AuditEntry, User
from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.errors import NotPossible
from jobs.operations.sending import onward
from jobs.operations.sending.outcomes import LONGEST_ID
from jobs.operations.sending.reconcile import adopt, is_held_elsewhere, mark_absent
from jobs.operations.transitions import locked


def decide(job: Job, user: User, *, there: bool, provider_job_id: str = "") -> None:
    """*there*: the provider has *job* under *provider_job_id*, go on with it. Otherwise: it does not, send it again.

    Raises `NotPossible` when there is nothing to decide any more, or the id is missing or belongs to another job.
    """
    with locked(job.pk) as row:
        if row.state != JobState.UNCERTAIN or not row.needs_decision:
            raise NotPossible(words.ALREADY_DECIDED)
        if there:
            _it_is_there(row, user, provider_job_id.strip())
        else:
            _it_is_not_there(row, user)


def _it_is_there(row: Job, user: User, provider_job_id: str) -> None:
    if not 0 < len(provider_job_id) <= LONGEST_ID or not provider_job_id.isprintable():
        raise NotPossible(words.ID_NEEDED)
    if is_held_elsewhere(row, provider_job_id):
        raise NotPossible(words.ID_TAKEN)
    _note(row, user, words.decided_there(user, provider_job_id))
    adopt(row, row.attempts.order_by("-number").first(), provider_job_id)


def _it_is_not_there(row: Job, user: User) -> None:
    _note(row, user, words.decided_absent(user))
    mark_absent(row)
    onward.send_again(row, words.decided_absent(user), wait=0, tries=0)


def _note(row: Job, user: User, sentence: str) -> None:
    AuditEntry.note(row.workspace, user, "job.decided", f"{row.name}: {sentence}")
