"""Take a job off the lists, and bring it back. Its pictures stay in the gallery; nothing is deleted at the provider."""

from django.db.models.functions import Now

from dashboard.models import AuditEntry, User
from jobs.models import Job, JobState
from jobs.operations import words
from jobs.operations.errors import NotPossible
from jobs.operations.transitions import change, locked, show


def delete(job: Job, user: User) -> None:
    """Hide *job*; deleting twice is deleting once. Raises `NotPossible` while the job is under way."""
    with locked(job.pk) as row:
        if JobState(row.state).is_open:
            raise NotPossible(words.STILL_OPEN)
        if row.deleted_at is None:
            change(row, deleted_at=Now())
            show(row)
            AuditEntry.note(row.workspace, user, "job.deleted", f"{user} deleted the job {row.name}.")


def restore(job: Job, user: User) -> None:
    """Undo `delete`. Raises `NotPossible` when the photos behind the job were withdrawn."""
    with locked(job.pk) as row:
        if row.withdrawn_at is not None:
            raise NotPossible(words.WITHDRAWN)
        if row.deleted_at is not None:
            change(row, deleted_at=None)
            show(row)
            AuditEntry.note(row.workspace, user, "job.restored", f"{user} brought back the job {row.name}.")
