"""Send a job to its provider: once, whatever dies meanwhile.

The row is claimed, an attempt with the hash of its token is committed, and only then does the first byte leave. What
comes back is settled by `outcomes`; what does not come back leaves a lease that runs out, which means: uncertain. A
process that was held up in between, by a laptop's sleep for example, sends nothing any more: by the time it wakes,
others may have proven that the order never arrived, and sent it again.
"""

import logging

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.models import Attempt, Job, JobState
from jobs.operations.api_keys import keys, waiting
from jobs.operations.clock import awake, in_seconds
from jobs.operations.failpoints import reach
from jobs.operations.providers import provider
from jobs.operations.sending import orders, outcomes, refusals, tokens
from jobs.operations.stumble import give_up, guarded
from jobs.operations.transitions import locked
from jobs.providers.credentials import Credentials
from jobs.providers.errors import InvalidOrder, KeyRefused, ProviderError, Uncertain, Unsent
from jobs.providers.kit.network import LATEST_START
from jobs.providers.order import Order
from jobs.providers.reply import Receipt

logger = logging.getLogger(__name__)

PREPARING = 20.0
"""Seconds that getting an order ready may take before somebody else does it too; only one of them can open the
attempt."""
MOST_CLAIMS = 10
"""So often may a process die over one job before the job is taken for the cause."""


def submit(job_id: int) -> None:
    """Send the job if it is due and nobody else is at it; otherwise do nothing."""
    job = _claim(job_id)
    if job is None:
        return
    reach("submit.claimed")
    with guarded(job.pk, "send it"):
        if job.tries > MOST_CLAIMS:
            with locked(job.pk) as locked_job:
                give_up(locked_job)
        elif not waiting.holds_back(job):
            _send(job)


def _claim(job_id: int) -> Job | None:
    """The job with a lease for us. The condition names columns of the row alone: PostgreSQL checks no others again
    after waiting for another claim's lock."""
    due = Job.objects.due().filter(pk=job_id, state=JobState.READY)
    if due.update(lease_until=in_seconds(PREPARING), tries=F("tries") + 1) != 1:
        return None
    return Job.objects.select_related("workspace", "api_key", "checkpoint").get(pk=job_id)


def _send(job: Job) -> None:
    token = tokens.fresh()
    try:
        order = orders.build(job, token)
        opened = keys.credentials(waiting.key_of(job), "submit")
    except KeyRefused:
        waiting.wait_for_key(job)
        return
    except InvalidOrder as error:
        refusals.refuse_unsent(job, error)
        return
    began = awake()
    attempt = _open_attempt(job, token)
    if attempt is not None:
        reach("submit.attempt_committed")
        answer = _post(job, order, opened) if awake() - began < LATEST_START else Unsent("We were too slow to send it.")
        reach("submit.answered")
        outcomes.settle(attempt, answer)


@transaction.atomic
def _open_attempt(job: Job, token: str) -> Attempt | None:
    """The attempt that the POST belongs to, or None when the job was cancelled or taken over meanwhile."""
    lease = in_seconds(provider(job.provider).longest_call)
    ready = Job.objects.filter(pk=job.pk, state=JobState.READY)
    sending = {"state": JobState.SUBMITTING, "lease_until": lease, "next_action_at": lease, "submitted_at": Now()}
    if ready.update(**sending) != 1:
        return None
    number = job.attempts.count() + 1
    hashes = {"token_hash": tokens.token_hash(token), "lent_hash": tokens.token_hash(tokens.lending(token))}
    return Attempt.objects.create(job=job, number=number, **hashes)


def _post(job: Job, order: Order, opened: Credentials) -> Receipt | ProviderError:
    """The one request that may cost money, outside any transaction. Whatever breaks in it, it may have left."""
    try:
        return provider(job.provider).submit(order, opened)
    except ProviderError as error:
        return error
    except Exception:
        logger.exception("Job %s: the adapter failed while sending.", job.pk)
        return Uncertain("Something went wrong here while sending.")
