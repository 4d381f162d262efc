"""When the provider says no: the job ends with what happened, that nothing was charged, and what to press."""

from collections.abc import Callable

from jobs.models import Job
from jobs.operations import words
from jobs.operations.api_keys import key_health
from jobs.operations.foreign import as_json
from jobs.operations.providers import provider
from jobs.operations.sending.onward import fail
from jobs.operations.transitions import locked, tell
from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit, NotThere, Refused


def note_on_key(job: Job, error: Refused) -> None:
    """What the refusal says about the key of *job*. Call it before the job is locked.

    A practice key is refused only because somebody wanted to see that; it is as good as before.
    """
    if provider(job.provider).is_practice:
        return
    if job.api_key is not None and isinstance(error, KeyRefused):
        key_health.rejected(job.api_key, error.sentence)
    elif job.api_key is not None and isinstance(error, NoCredit):
        key_health.out_of_credit(job.api_key, error.sentence)


def refuse(job: Job, error: Refused) -> None:
    """End the locked *job* in the words that fit *error*."""
    _REFUSALS.get(type(error), _other)(job, error)


def refuse_unsent(attempted: Job, error: InvalidOrder) -> None:
    """The order cannot even be written down: the job ends before anything was sent."""
    with locked(attempted.pk) as job:
        refuse(job, error)


def _key_refused(job: Job, error: Refused) -> None:
    fail(job, "key_refused", words.key_refused(_label(job)))


def _no_credit(job: Job, error: Refused) -> None:
    named = job.api_key.label if job.api_key else _label(job)
    fail(job, "no_credit", words.no_credit(named, provider(job.provider).credit))


def _invalid(job: Job, error: Refused) -> None:
    fields = error.fields if isinstance(error, InvalidOrder) else {}
    fail(job, "invalid", words.invalid(_label(job), error.sentence, fields), field_errors=as_json(fields))


def _not_there(job: Job, error: Refused) -> None:
    fail(job, "no_endpoint", words.no_endpoint(_label(job), error.sentence))
    tell(job, error.sentence, kind="alert")


def _other(job: Job, error: Refused) -> None:
    fail(job, "refused", words.refused(_label(job), error.sentence))


_REFUSALS: dict[type[Refused], Callable[[Job, Refused], None]] = {
    KeyRefused: _key_refused,
    NoCredit: _no_credit,
    InvalidOrder: _invalid,
    NotThere: _not_there,
}


def _label(job: Job) -> str:
    return provider(job.provider).label
