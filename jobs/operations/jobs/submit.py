"""Send a job to its provider: once, whatever dies meanwhile; then settle what came back.

The row is claimed, an attempt with the hash of its token is committed, and only then does the first byte leave. What
does not come back leaves a lease that runs out, which means: uncertain. A process that was held up in between, by a
laptop's sleep for example, sends nothing any more: by the time it wakes, others may have proven that the order never
arrived, and sent it again.

An answer may also come after its lease ran out and somebody else took the attempt for lost, even for absent: what the
provider itself said still counts, as long as nothing was sent since.
"""

import logging
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from dashboard.tokens import new_token, token_hash
from jobs.files import storage
from jobs.models import Attempt, Job, JobState, Photo
from jobs.operations.api_keys import health, keys, waiting
from jobs.operations.clock import awake, backoff, in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.jobs import order as ordering
from jobs.operations.jobs import quarantine, reconcile, restores, sentences
from jobs.operations.jobs.state import (
    CLEAN,
    By,
    add_event,
    change,
    doubt,
    fail,
    is_free,
    locked,
    move,
    needs_decision,
    queue,
    requeue,
    show,
)
from jobs.operations.photo_grants import grants
from jobs.operations.providers import provider
from jobs.operations.storable import as_json, as_text, clean
from jobs.providers.base import Capability
from jobs.providers.errors import (
    InvalidOrder,
    KeyRefused,
    NoCredit,
    NotThere,
    Outdated,
    ProviderError,
    Refused,
    TooMany,
    Uncertain,
    Unsent,
)
from jobs.providers.kit.network import LATEST_START
from jobs.providers.kit.refusals import WILL_NOT_TAKE
from jobs.providers.reply import Receipt

logger = logging.getLogger(__name__)

PREPARING = 20.0
"""Seconds that getting an order ready may take before somebody else does it too; only one of them can open the
attempt."""
MOST_CLAIMS = 10
"""So often may a process die over one job before the job is taken for the cause (B13)."""
UNSENT_FOR = 3600.0
"""Seconds for which a job is tried again that certainly did not arrive (P01): most outages are over by then (R19), and
an order that goes out much later comes as a surprise."""
LAST_BACKOFF = 5
"""From this try on the pauses grow no more."""
NO_ROOM_WAIT = 60.0
WAITS_FOR_ROOM = (
    "This order waits: the disk of this server is nearly full, and what it makes could not be kept. Nothing was sent. "
    "It goes out on its own once there is room."
)
PHOTOS_WAIT = 2.0
"""Seconds between two looks at whether the photos of an order are ready."""
WAITING_FOR_PHOTOS = "waiting_for_photos"
"""The `Job.failure_code` of an order that waits for its photos."""
LONGEST_ID = 200
AWAITING = frozenset({JobState.SUBMITTING, JobState.UNCERTAIN, JobState.READY})
"""States in which the answer to the latest attempt still decides."""
NOT_THERE = (Attempt.Outcome.ABSENT, Attempt.Outcome.UNSENT)
"""Outcomes of attempts that we took for never arrived."""
OUTDATED = "outdated"
"""The kind of the event that tells of a provider's redirect (P05)."""


def submit(job_id: int) -> None:
    """Send the job if it is due and nobody else is at it; otherwise do nothing."""
    # The condition names columns of the row alone: PostgreSQL checks no others again after waiting for another claim's
    # lock (B06).
    due = Job.objects.due().filter(pk=job_id, state=JobState.READY)
    if due.update(lease_until=in_seconds(PREPARING), tries=F("tries") + 1) != 1:
        return
    reach("submit.claimed")
    with quarantine.contained(job_id, "send it"):
        restores.look()
        job = Job.objects.select_related("workspace", "api_key", "checkpoint").get(pk=job_id)
        if job.tries > MOST_CLAIMS:
            with locked(job.pk) as row:
                quarantine.give_up(row)
        elif job.restored_from is not None and job.api_key is not None:  # B14
            with locked(job.pk) as row:
                if row.state == JobState.READY:
                    doubt(row, sentences.restored(provider(row.provider).label, job.restored_from), by=By.SUBMIT)
        elif storage.too_full_for_orders():
            # B09: nothing goes out whose answer could not be written down. It is said once, and looked at every minute.
            with locked(job.pk) as row:
                change(row, lease_until=None, next_action_at=in_seconds(NO_ROOM_WAIT), tries=0)
                if not row.events.filter(kind="full").exists():
                    add_event(row, WAITS_FOR_ROOM, kind="full")
                    show(row)
        elif not waiting.holds_back(job) and not _photos_hold_back(job):
            _send(job)


def _photos_hold_back(job: Job) -> bool:
    """Whether photos of the claimed *job* are still getting ready, which it waits for, or cannot be used, which ends
    it: with other photos than somebody saw nothing goes out."""
    if not job.photo_count:
        return False
    unready = [row.photo for row in job.job_photos.unready()]
    if not unready and job.failure_code != WAITING_FOR_PHOTOS:
        return False
    unusable = [photo for photo in unready if photo.state == Photo.State.REFUSED]
    with locked(job.pk) as row:
        if row.state != JobState.READY:
            return True
        if unusable:
            fail(row, "photos", sentences.photos_unusable(unusable, row.photo_count))
            return True
        if unready:
            said = sentences.waits_for_photos(len(unready))
            change(row, lease_until=None, next_action_at=in_seconds(PHOTOS_WAIT), tries=0)
            enqueue("submit", row.pk, delay=PHOTOS_WAIT)
            if row.failure != said:
                change(row, failure_code=WAITING_FOR_PHOTOS, failure=said)
                show(row)
        else:
            change(row, **CLEAN)
            show(row)
    return bool(unready)


def _send(job: Job) -> None:
    """Get the order ready, commit the attempt, and make the one request that may cost money, outside any
    transaction."""
    token = new_token()
    try:
        order = ordering.build(job, token)
        opened = keys.credentials(waiting.key_of(job), "submit")
    except KeyRefused:
        waiting.wait_for_key(job)
        return
    except InvalidOrder as error:  # it cannot even be written down (P15)
        with locked(job.pk) as row:
            _refuse_in_words(row, error)
        return
    began = awake()
    attempt = _open_attempt(job, token)
    if attempt is None:
        return
    if not is_free(job):
        restores.note(attempt)
    reach("submit.attempt_committed")
    if awake() - began >= LATEST_START:
        settle(attempt, Unsent("We were too slow to send it."))
        return
    answer: Receipt | ProviderError
    try:
        answer = provider(job.provider).submit(order, opened)
    except ProviderError as error:
        answer = error
    except Exception:  # whatever breaks in it, it may have left
        logger.exception("The adapter failed while sending.")
        answer = Uncertain("Something went wrong here while sending.")
    reach("submit.answered")
    settle(attempt, answer)
    key = waiting.key_of(job)
    if isinstance(answer, ProviderError) and not isinstance(answer, Refused):
        health.failed(key)
    elif key.failures_in_row:
        health.answered(key)


def _open_attempt(job: Job, token: str) -> Attempt | None:
    """The attempt that the POST belongs to, committed; None when the job was cancelled or taken over meanwhile, or an
    earlier order turns out to have arrived.

    Two that prepared the same job meet here: the second finds it in SUBMITTING. From here on the lease says how long
    the answer may take, and whoever finds it run out takes the attempt for uncertain (B03).
    """
    service = provider(job.provider)
    lease = in_seconds(service.longest_call)
    with locked(job.pk) as row:
        if row.state != JobState.READY:
            return None
        if row.attempts.filter(outcome__in=NOT_THERE, photos_fetched_at__isnull=False).exists():  # it is (P02)
            said = f"{sentences.PHOTOS_FETCHED} {sentences.DECISION_NEEDED}"
            needs_decision(row, said, by=By.SUBMIT, wait=reconcile.SLOWEST)
            return None
        sending: dict[str, Any] = {"lease_until": lease, "next_action_at": lease, "submitted_at": Now()}
        said = f"We are sending this job to {service.label}."
        move(row, JobState.SUBMITTING, said, by=By.SUBMIT, **sending)
        hashes = {"token_hash": token_hash(token), "photo_grant_hash": token_hash(grants.grant_token(token))}
        hashes["account_hash"] = keys.account_hash(waiting.key_of(job))
        attempt = Attempt.objects.create(job=row, number=row.attempts.count() + 1, **hashes)
        # By the database's clock: somebody else may have to tell how long ago this was (B11).
        Attempt.objects.filter(pk=attempt.pk).update(created_at=Now())
        return attempt


def settle(attempt: Attempt, answer: Receipt | ProviderError) -> None:
    """Write down what the provider answered to *attempt*, and move its job on."""
    label = provider(attempt.job.provider).label
    match answer:
        case Receipt() if 0 < len(answer.provider_job_id) <= LONGEST_ID:
            _accept(attempt, answer)
        case Receipt():  # P04
            lose(attempt, "The provider gave no id, or none that can be one.", as_text(answer.raw))
        case Unsent():
            _unsent(attempt, answer)
        case TooMany():  # asked too often (P11): the key rests, and everything that goes with it
            wait = health.back_off(waiting.key_of(attempt.job), answer.wait)
            with locked(attempt.job_id) as job:
                _end(attempt, Attempt.Outcome.REFUSED, answer.sentence, answer.raw)
                if _decides(job, attempt):
                    said = f"{label} asked us to wait a little. Nothing was charged; the job goes out on its own."
                    requeue(job, said, wait, by=By.SUBMIT, tries=0)
        case Refused():
            _refuse(attempt, answer)
        case _:
            lose(attempt, answer.sentence, answer.raw)
            if isinstance(answer, Outdated):  # whoever looks after the server must know (P05)
                logger.error("%s answered by a redirect: its endpoint is outdated.", attempt.job.provider)
                with locked(attempt.job_id) as job:
                    add_event(
                        job,
                        f"{label} moved its endpoint: the address that Likeness knows is outdated, and the order was "
                        "not sent anywhere else. Whoever looks after this server installs the newest Likeness; until "
                        "then orders wait.",
                        kind=OUTDATED,
                    )


def _accept(attempt: Attempt, receipt: Receipt) -> None:
    """The provider took the order, under an id of its own."""
    with locked(attempt.job_id) as job:
        label, answer = provider(job.provider).label, as_text(receipt.raw)
        if reconcile.is_held_elsewhere(job, receipt.provider_job_id):  # P13: nothing is overwritten
            _end(attempt, Attempt.Outcome.UNCERTAIN, "The id of another job", answer, receipt.provider_job_id)
            if _decides(job, attempt):
                needs_decision(job, sentences.id_already_held(label), by=By.SUBMIT)
            return
        _end(attempt, Attempt.Outcome.ACCEPTED, "", answer, receipt.provider_job_id)
        if _decides(job, attempt):
            said = f"{label} is rehearsing this job; that is free." if job.dry_run else f"{label} took the job."
            queue(job, receipt.provider_job_id, said, by=By.SUBMIT)
        elif job.provider_job_id != receipt.provider_job_id:
            reconcile.take_in_other(job, attempt, receipt.provider_job_id, by=By.SUBMIT)
    reach("outcomes.accepted")


def _unsent(attempt: Attempt, error: Unsent) -> None:
    """No byte of it left (P01): it is tried again, for an hour."""
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.UNSENT, error.sentence, error.raw)
        if not _decides(job, attempt):
            return
        label, why = provider(job.provider).label, error.sentence
        if job.attempts.filter(created_at__lte=in_seconds(-UNSENT_FOR)).exists():
            said = (
                f"{why} We tried for an hour. The job was not sent to {label} and nothing was charged. Press Try again."
            )
            fail(job, "not_sent", said)
        else:
            said = f"{why} Nothing was sent to {label} and nothing was charged. We try again on our own."
            requeue(job, said, backoff(job.tries), by=By.SUBMIT, tries=min(job.tries, LAST_BACKOFF))


def _refuse(attempt: Attempt, error: Refused) -> None:
    """The provider said no (P06-P10). What that says about the key is noted before the job is locked."""
    job, needs_key = attempt.job, provider(attempt.job.provider).can(Capability.NEEDS_KEY)
    if needs_key and job.api_key is not None and isinstance(error, KeyRefused):
        health.rejected(job.api_key, error.sentence)
    elif needs_key and job.api_key is not None and isinstance(error, NoCredit):
        health.out_of_credit(job.api_key, error.sentence)
    with locked(attempt.job_id) as row:
        _end(attempt, Attempt.Outcome.REFUSED, error.sentence, error.raw)
        if _decides(row, attempt):
            _refuse_in_words(row, error)
    if needs_key and isinstance(error, KeyRefused):
        waiting.put_off_others(job)


def _refuse_in_words(job: Job, error: Refused) -> None:
    """End the locked *job* in the words that fit *error*: nothing was charged, and what to press."""
    service = provider(job.provider)
    label = service.label
    match error:
        case KeyRefused() | NoCredit() if service.is_practice:
            code = "key_refused" if isinstance(error, KeyRefused) else "no_credit"
            said = "With a real provider somebody would see to the key first; here, order it with another outcome."
            fail(job, code, f"{error.sentence} {said}")
        case KeyRefused():
            said = "Nothing was charged. Replace the key under API keys, then press Try again."
            fail(job, "key_refused", f"{label} did not accept this key. {said}")
        case NoCredit():
            named = job.api_key.label if job.api_key else label
            why = f"The account behind “{named}” has no {service.credit} left, or may not do this."
            fail(job, "no_credit", f"{why} Nothing was charged. Top up at the provider, then press Try again.")
        case InvalidOrder():
            labels = {param.name: param.label for param in (*service.training_params, *service.generation_params)}
            fields = {name: sentences.ended(sentence) for name, sentence in error.fields.items()}
            beside = [f"{labels.get(name, name)}: {sentence}" for name, sentence in fields.items()]
            why = sentences.ended(error.sentence)
            opening = [] if why.endswith(WILL_NOT_TAKE) else [f"{label} did not take these settings."]
            said = " ".join(filter(None, (*opening, why, *beside, "Nothing was charged. Change them and try again.")))
            fail(job, "invalid", said, field_errors=as_json(fields))
        case NotThere():
            said = f"Nothing was charged. Check the options of the API key for {label}, then press Try again."
            fail(job, "no_endpoint", f"{error.sentence} {said}")
            add_event(job, error.sentence, kind="alert")
        case _:
            fail(job, "refused", f"{label} refused this job. {error.sentence} Nothing was charged.")


def lose(attempt: Attempt, detail: str, raw: str = "", *, by: By = By.SUBMIT) -> None:
    """No answer, or none that can be understood (P02-P05, P12): the provider may have the job.

    A callback that came meanwhile has named the provider's id, and then the job is adopted at once (C04).
    """
    with locked(attempt.job_id) as job:
        _end(attempt, Attempt.Outcome.UNCERTAIN, detail, raw)
        if job.state != JobState.SUBMITTING or not _decides(job, attempt):
            return
        attempt.refresh_from_db(fields=["called_id"])
        if attempt.called_id:
            reconcile.adopt(job, attempt, attempt.called_id, by=by)
        else:
            doubt(job, sentences.answer_lost(provider(job.provider).label), by=by)


def _decides(job: Job, attempt: Attempt) -> bool:
    """Whether the answer to *attempt* still says where the locked *job* goes."""
    later = job.attempts.filter(number__gt=attempt.number)
    return job.state in AWAITING and not job.provider_job_id and not later.exists()


def _end(attempt: Attempt, outcome: Attempt.Outcome, detail: str, answer: str, provider_job_id: str = "") -> None:
    answer = clean(answer, 65536)
    attempt.end(outcome, provider_job_id=provider_job_id, detail=clean(detail, 2000), answer=answer)
