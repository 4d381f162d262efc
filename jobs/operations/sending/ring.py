"""A provider rang: the job behind that callback address is asked after now. What the callback said is not believed.

The address carries a token that only the provider has got. One entry is kept for each different body, so a hundred
repetitions are one; the answer to the question that follows, and nothing else, changes the job.
"""

import hashlib
import hmac
import logging
from typing import Any

from django.db.models.functions import Now

from jobs.models import Attempt, Callback, Job, JobState
from jobs.operations.api_keys import keys, waiting
from jobs.operations.asking import intervals
from jobs.operations.asking.poll import end_rehearsal
from jobs.operations.foreign import as_text, clean
from jobs.operations.hint import hint
from jobs.operations.providers import provider
from jobs.operations.sending import check_callbacks, reconcile, tokens
from jobs.operations.sending.outcomes import LONGEST_ID
from jobs.operations.transitions import change, locked
from jobs.providers.credentials import Secret
from jobs.providers.errors import KeyRefused
from jobs.providers.kit import strict_json
from jobs.providers.kit.redaction import redacted

logger = logging.getLogger(__name__)


class NobodyThere(Exception):
    """The address was never given out, or what it was for is gone."""


def ring(token: str, body: bytes) -> None:
    """Take in the callback *body* sent to the address with *token*.

    Raises `NobodyThere`, and `ValueError` for a body that is not a JSON object; neither leaves a trace.
    """
    attempt = _attempt(token)
    if attempt is None and check_callbacks.came(token):
        return
    if attempt is None:
        logger.warning("A callback came to an address that nobody was given.")
        raise NobodyThere
    said = _read(body)
    with locked(attempt.job_id) as job:
        if _is_new(job, attempt, body, said):
            _wake(job, attempt, _called_id(job, said))


def _attempt(token: str) -> Attempt | None:
    known = tokens.token_hash(token)
    attempt = Attempt.objects.filter(token_hash=known, job__deleted_at=None).first()
    return attempt if attempt and hmac.compare_digest(attempt.token_hash, known) else None


def _read(body: bytes) -> dict[str, Any]:
    match strict_json.parse(body):
        case dict() as said:
            return said
        case _:
            raise ValueError("A callback is a JSON object.")


def _is_new(job: Job, attempt: Attempt, body: bytes, said: dict[str, Any]) -> bool:
    """Write the callback down, unless the same was said before."""
    kept = clean(as_text(redacted(said, _key_of(job))), 65536)
    digest = hashlib.sha256(body).hexdigest()
    _, is_new = Callback.objects.get_or_create(attempt=attempt, body_hash=digest, defaults={"body": kept})
    return is_new


def _key_of(job: Job) -> list[Secret]:
    """What the callback must not make us store, should it repeat that."""
    try:
        opened = keys.credentials(waiting.key_of(job), "callback")
    except KeyRefused:
        return []
    return [opened.secret, *opened.secrets.values()]


def _called_id(job: Job, said: dict[str, Any]) -> str:
    called = provider(job.provider).called_id(said)
    return called if 0 < len(called) <= LONGEST_ID else ""


def _wake(job: Job, attempt: Attempt, called_id: str) -> None:
    """Let the locked *job* be asked after now, as far as there is something to ask."""
    state = JobState(job.state)
    if called_id and not attempt.called_id:
        Attempt.objects.filter(pk=attempt.pk).update(called_id=called_id)
    if state == JobState.UNCERTAIN and called_id:
        reconcile.adopt(job, attempt, called_id)
    if state in (JobState.QUEUED, JobState.RUNNING) and job.tracked:
        change(job, next_action_at=Now())
        intervals.cut_short(job)
        hint("poll_key", job.api_key_id or 0, job.kind)
    elif state in (JobState.QUEUED, JobState.RUNNING):
        end_rehearsal(job)
