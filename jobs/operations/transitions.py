"""How a job's row is changed: locked, from the state it was seen in, with an event and a new version.

A job is locked before its workspace, and no transaction locks two: `Workspace.lock` has the whole order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from dashboard.models import User
from jobs import versions
from jobs.models import Job, JobEvent, JobState
from jobs.operations.foreign import clean

CLEAN: dict[str, Any] = {"failure_code": "", "failure": "", "field_errors": {}}
"""What a job that goes on no longer says."""


@contextmanager
def locked(job_id: int) -> Iterator[Job]:
    """The job as it is now, changed by nobody else until the block ends. Keep the block short and off the network."""
    with transaction.atomic():
        rows = Job.objects.select_for_update(of=("self",), no_key=True).select_related("workspace", "api_key")
        yield rows.get(pk=job_id)


def move(
    job: Job, state: JobState, sentence: str, *, user: User | None = None, kind: str = "state", **changes: Any
) -> bool:
    """Put a locked *job* into *state* with *changes*, and tell it in *sentence*.

    False, and nothing happens, when the job is no longer in the state it was read in, or has ended.
    """
    if JobState(job.state).is_final:
        return False
    if state.is_final:
        changes = {"finished_at": Now(), "needs_decision": False, "queue_position": None, **changes}
    if not change(job, state=state, lease_until=None, **changes):
        return False
    tell(job, sentence, user=user, kind=kind, state=state)
    return True


def change(job: Job, **changes: Any) -> bool:
    """Write *changes* to a locked *job*, as long as it is in the state it was read in; the object follows."""
    if Job.objects.filter(pk=job.pk, state=job.state).update(**changes) != 1:
        return False
    job.refresh_from_db(fields=list(changes))
    return True


def tell(job: Job, sentence: str, *, user: User | None = None, kind: str = "note", state: str = "") -> None:
    """Add an event to the job's story, for everybody to see."""
    JobEvent.objects.create(job=job, user=user, kind=kind, state=state, sentence=clean(sentence, 500))
    show(job)


def show(job: Job) -> None:
    """Let the pages know that *job* changed."""
    job.version = versions.touch(job.workspace)
    job.save(update_fields=["version"])
