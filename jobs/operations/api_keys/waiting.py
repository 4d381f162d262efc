"""Jobs that cannot go on because of their API key: they wait in the open, and go on by themselves."""

from datetime import datetime

from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import health
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import sentences
from jobs.operations.jobs.state import CLEAN, change, locked, show
from jobs.operations.leases import take
from jobs.operations.providers import provider
from jobs.providers.errors import KeyRefused

CODE = "waiting_for_key"
LOOK_AGAIN = 30.0
"""Seconds between two looks at whether the key is back. Replacing a key makes its jobs due at once."""
PROBING = 5.0
"""Seconds between two looks at whether the one order that tries a silent provider was answered."""


def key_of(job: Job) -> ApiKey:
    """The key *job* goes with. Raises `KeyRefused` when there is none any more."""
    if job.api_key is None:
        raise KeyRefused("The key of this job is gone.")
    return job.api_key


def is_usable(key: ApiKey | None) -> bool:
    """Whether a question with *key* can be answered at all."""
    return key is not None and key.revoked_at is None and key.health != ApiKey.Health.REJECTED


def holds_back(job: Job) -> bool:
    """Whether the claimed *job* must wait for its key; then it is put off, and the try is not counted."""
    if not is_usable(job.api_key):
        wait_for_key(job)
        return True
    key = key_of(job)
    if key.is_paused:
        put_off(job, key.paused_until)
        return True
    # Half open: an order whose answer gets lost leaves doubt, so a single one finds out whether somebody is there.
    if key.failures_in_row >= health.FAILURES_TO_OPEN and take(f"probe:{key.pk}", health.OPEN_SECONDS) is None:
        put_off(job, in_seconds(PROBING))
        return True
    if job.failure_code == CODE:
        go_on(job)
    return False


def wait_for_key(job: Job) -> None:
    """Put *job* off until its key is back, and say so once."""
    with locked(job.pk) as row:
        change(row, lease_until=None, next_action_at=in_seconds(LOOK_AGAIN), tries=0)
        if row.failure_code != CODE and JobState(row.state).is_open:
            change(row, failure_code=CODE, failure=_sentence(row))
            show(row)


def put_off(job: Job, until: datetime | CombinedExpression | None) -> None:
    """Put *job* off until its key has rested."""
    Job.objects.filter(pk=job.pk, state=job.state).update(lease_until=None, next_action_at=until, tries=0)


def go_on(job: Job) -> None:
    """The key is back: *job* no longer says that it waits."""
    with locked(job.pk) as row:
        if row.failure_code == CODE:
            change(row, **CLEAN)
            show(row)


def put_off_others(job: Job) -> None:
    """The key of *job* was refused: what else was about to be sent with it waits, instead of failing one by one."""
    others = Job.objects.filter(api_key=job.api_key_id, state=JobState.READY).exclude(pk=job.pk)
    for pk in others.order_by("pk").values_list("pk", flat=True):
        with locked(pk) as row:
            if row.state == JobState.READY and row.failure_code != CODE:
                change(row, failure_code=CODE, failure=_sentence(row), next_action_at=Now())
                show(row)


def _sentence(job: Job) -> str:
    label = provider(job.provider).label
    return sentences.waiting_for_key(label) if job.state == JobState.READY else sentences.polling_waits_for_key(label)
