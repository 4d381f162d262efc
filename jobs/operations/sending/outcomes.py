"""What became of one attempt, and what that means for its job.

An answer may come after its lease ran out and somebody else took the attempt for lost, even for absent: what the
provider itself said still counts, as long as nothing was sent since.
"""

import logging

from jobs.models import Attempt, Job, JobState
from jobs.operations import words
from jobs.operations.api_keys import key_health, waiting
from jobs.operations.asking.pace import backoff
from jobs.operations.failpoints import reach
from jobs.operations.foreign import as_text, clean
from jobs.operations.providers import provider
from jobs.operations.sending import onward, outdated, reconcile, refusals
from jobs.operations.transitions import locked, tell
from jobs.providers.errors import KeyRefused, Outdated, ProviderError, Refused, TooMany, Unsent
from jobs.providers.reply import Receipt

logger = logging.getLogger(__name__)

MOST_TRIES = 5
LONGEST_ID = 200
AWAITING = frozenset({JobState.SUBMITTING, JobState.UNCERTAIN, JobState.READY})
"""States in which the answer to the latest attempt still decides."""


def settle(attempt: Attempt, answer: Receipt | ProviderError) -> None:
    """Write down what the provider answered to *attempt*, and move its job on."""
    if isinstance(answer, Receipt) and 0 < len(answer.provider_job_id) <= LONGEST_ID:
        accept(attempt, answer)
    elif isinstance(answer, Receipt):
        lose(attempt, "The provider gave no id, or none that can be one.", as_text(answer.raw))
    elif isinstance(answer, Unsent):
        _unsent(attempt, answer)
    elif isinstance(answer, TooMany):
        _put_off(attempt, answer)
    elif isinstance(answer, Refused):
        _refuse(attempt, answer)
    else:
        lose(attempt, answer.sentence, answer.raw)
        if isinstance(answer, Outdated):
            _tell_outdated(attempt)


def accept(attempt: Attempt, receipt: Receipt) -> None:
    """The provider took the order, under an id of its own."""
    with locked(attempt.job_id) as job:
        if reconcile.is_held_elsewhere(job, receipt.provider_job_id):
            _dispute(job, attempt, receipt)
            return
        _end_with_id(attempt, Attempt.Outcome.ACCEPTED, receipt)
        if decides(job, attempt):
            sentence = words.accepted(_label(job), dry_run=job.dry_run)
            onward.queue(job, receipt.provider_job_id, sentence, tracked=receipt.tracked)
        elif job.provider_job_id != receipt.provider_job_id:
            tell(job, words.sent_twice(_label(job), receipt.provider_job_id), kind="alert")
    reach("outcomes.accepted")


def _dispute(job: Job, attempt: Attempt, receipt: Receipt) -> None:
    """The provider gave us an id that another job of ours already has (P13): nothing is overwritten."""
    _end_with_id(attempt, Attempt.Outcome.UNCERTAIN, receipt, detail="The id of another job")
    if decides(job, attempt):
        onward.ask_for_decision(job, words.id_already_held(_label(job)))


def _unsent(attempt: Attempt, error: Unsent) -> None:
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.UNSENT, detail=error.sentence, answer=error.raw)
        if not decides(job, attempt):
            return
        if job.tries >= MOST_TRIES:
            onward.fail(job, "not_sent", words.not_sent(_label(job), error.sentence))
        else:
            onward.send_again(job, words.unreachable(_label(job), error.sentence), backoff(job.tries))


def _put_off(attempt: Attempt, error: TooMany) -> None:
    wait = key_health.rest(waiting.key_of(attempt.job), error.wait)
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.REFUSED, detail=error.sentence, answer=error.raw)
        if decides(job, attempt):
            onward.send_again(job, words.busy(_label(job)), wait, tries=0)


def _refuse(attempt: Attempt, error: Refused) -> None:
    refusals.note_on_key(attempt.job, error)
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.REFUSED, detail=error.sentence, answer=error.raw)
        if decides(job, attempt):
            refusals.refuse(job, error)
    if isinstance(error, KeyRefused) and not provider(attempt.job.provider).is_practice:
        waiting.put_off_others(attempt.job)


def lose(attempt: Attempt, detail: str, raw: str = "") -> None:
    """No answer, or none that can be understood: the provider may have the job."""
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.UNCERTAIN, detail=detail, answer=raw)
        if job.state != JobState.SUBMITTING or not decides(job, attempt):
            return
        attempt.refresh_from_db(fields=["called_id"])
        if attempt.called_id:
            reconcile.adopt(job, attempt, attempt.called_id)
        else:
            onward.doubt(job, words.answer_lost(_label(job)))


def _tell_outdated(attempt: Attempt) -> None:
    """Whoever looks after the server must know: no order goes through until they install a newer Likeness (P05)."""
    logger.error("%s answered by a redirect: its endpoint is outdated.", attempt.job.provider)
    with locked(attempt.job_id) as job:
        tell(job, words.outdated(_label(job)), kind=outdated.KIND)


def decides(job: Job, attempt: Attempt) -> bool:
    """Whether the answer to *attempt* still says where the locked *job* goes."""
    later = job.attempts.filter(number__gt=attempt.number)
    return job.state in AWAITING and not job.provider_job_id and not later.exists()


def _end(attempt: Attempt, outcome: Attempt.Outcome, *, provider_job_id: str = "", detail: str, answer: str) -> None:
    answer = clean(answer, 65536)
    attempt.end(outcome, provider_job_id=provider_job_id, detail=clean(detail, 2000), answer=answer)


def _end_with_id(attempt: Attempt, outcome: Attempt.Outcome, receipt: Receipt, detail: str = "") -> None:
    _end(attempt, outcome, provider_job_id=receipt.provider_job_id, detail=detail, answer=as_text(receipt.raw))


def _label(job: Job) -> str:
    return provider(job.provider).label
