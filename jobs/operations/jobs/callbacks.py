"""A callback comes in: the job behind its address is asked after now. What it said is not believed (C03, C08).

The address carries a token that only the provider has got. One entry is kept for each different body, so a hundred
repetitions are one; the answer to the question that follows, and nothing else, changes the job.
"""

import hashlib
import hmac
import logging
from typing import Any

from django.db.models.functions import Now

from dashboard.logs import about_job
from dashboard.redaction import redacted
from dashboard.tokens import token_hash
from jobs.models import Attempt, Callback, Job, JobState
from jobs.operations.api_keys import keys, waiting
from jobs.operations.jobs import callback_check, reconcile
from jobs.operations.jobs.poll import ask_soon
from jobs.operations.jobs.snapshot import end_rehearsal
from jobs.operations.jobs.state import ASKED_AFTER, By, change, locked
from jobs.operations.jobs.submit import LONGEST_ID
from jobs.operations.providers import provider
from jobs.operations.storable import as_text, clean
from jobs.providers.errors import KeyRefused
from jobs.providers.kit import strict_json

MOST_KEPT = 50
"""So many callbacks of one job are kept."""

logger = logging.getLogger(__name__)


class NobodyThere(Exception):
    """The address was never given out, or what it was for is gone."""


def receive(token: str, body: bytes) -> None:
    """Take in the callback *body* sent to the address with *token*.

    Raises `NobodyThere` (C01, C05), and `ValueError` for a body that is not a JSON object (C06); neither leaves a
    trace.
    """
    known = token_hash(token)
    attempt = Attempt.objects.filter(token_hash=known, job__deleted_at=None).first()
    if attempt is None or not hmac.compare_digest(attempt.token_hash, known):
        if callback_check.arrived(token):
            return
        logger.warning("A callback came to an address that nobody was given.")
        raise NobodyThere
    match strict_json.parse(body):
        case dict() as said:
            with about_job(attempt.job_id), locked(attempt.job_id) as job:
                if _is_revoked(job, attempt):
                    raise NobodyThere
                if _is_new(job, attempt, body, said):
                    called = provider(job.provider).called_id(said)
                    _wake(job, attempt, called if 0 < len(called) <= LONGEST_ID else "")
        case _:
            raise ValueError("A callback is a JSON object.")


def _is_revoked(job: Job, attempt: Attempt) -> bool:
    """Whether the address is good for nothing any more: the job has ended. An attempt that was believed lost may still
    turn out to be there, and be charged."""
    return JobState(job.state).is_final and attempt.outcome != Attempt.Outcome.ABSENT


def _is_new(job: Job, attempt: Attempt, body: bytes, said: dict[str, Any]) -> bool:
    """Write the callback down, unless the same was said before (C02). Should it repeat the key's secrets, they are not
    stored. Of a job that tells MOST_KEPT different things no more are written down, nor believed to be news."""
    digest = hashlib.sha256(body).hexdigest()
    told = list(Callback.objects.filter(attempt__job=job).values_list("attempt_id", "body_hash"))
    if (attempt.pk, digest) in told or len(told) >= MOST_KEPT:
        return False
    try:
        opened = keys.credentials(waiting.key_of(job), "callback")
        secrets = [opened.secret, *opened.secrets.values()]
    except KeyRefused:
        secrets = []
    kept = clean(as_text(redacted(said, secrets)), 65536)
    _, is_new = Callback.objects.get_or_create(attempt=attempt, body_hash=digest, defaults={"body": kept})
    return is_new


def _wake(job: Job, attempt: Attempt, called_id: str) -> None:
    """Let the locked *job* be asked after now, as far as there is something to ask.

    The callback may be faster than the answer to the POST: then the job is in SUBMITTING, nothing more happens here,
    and whoever waits for that answer finds the id on the attempt should the answer get lost (C04).
    """
    if called_id and not attempt.called_id:
        Attempt.objects.filter(pk=attempt.pk).update(called_id=called_id)
    if called_id and job.state in {JobState.UNCERTAIN, JobState.READY}:
        reconcile.adopt(job, attempt, called_id, by=By.CALLBACK)
        return
    if called_id and attempt.outcome == Attempt.Outcome.ABSENT and called_id != job.provider_job_id:
        # It had been believed lost and was sent again (P03).
        reconcile.take_in_other(job, attempt, called_id, by=By.CALLBACK)
    if job.state in ASKED_AFTER and job.is_pollable:
        change(job, next_action_at=Now())
        ask_soon(job)
    elif job.state in ASKED_AFTER:
        end_rehearsal(job, by=By.CALLBACK)
