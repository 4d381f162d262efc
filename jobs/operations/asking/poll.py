"""Ask a provider how its jobs are: one list per API key and kind, single questions only for what is not on it.

A question that gets no answer changes nothing on a job but when it is asked after next.
"""

from collections.abc import Sequence
from functools import partial

from django.utils import timezone

from jobs.models import ApiKey, Job, JobState
from jobs.operations import words
from jobs.operations.api_keys import key_health, keys, waiting
from jobs.operations.asking import intervals, queue_reason
from jobs.operations.asking.apply_snapshot import ASKED_AFTER, apply
from jobs.operations.asking.ask_each import ask_each
from jobs.operations.asking.ask_one import ask_later, ask_to_stop
from jobs.operations.asking.pace import backoff
from jobs.operations.failpoints import reach
from jobs.operations.hint import hint
from jobs.operations.leases import Held, lease
from jobs.operations.providers import provider
from jobs.operations.sending import reconcile
from jobs.operations.stumble import guarded
from jobs.operations.transitions import locked, move
from jobs.providers.base import Capability, Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, ProviderError, TooMany
from jobs.providers.order import Kind
from jobs.providers.reply import Snapshot

AT_ONCE = 500
"""Jobs that one run looks at."""
MARGIN = 5.0
ONE_BY_ONE = 0.5
"""Seconds between two runs with one key, where every job is asked after by itself."""
LATER = 0.1
"""Seconds by which a message waits longer than its job: one that came a moment too early would find nothing due."""
SOON = 4.0
"""What is due sooner than this many seconds gets a message of its own; the sweep sees to the rest."""


def poll_key(key_id: int, kind: str) -> None:
    """Look at everything that is due under one API key and kind of job. Does nothing while somebody else is at it."""
    key = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        return
    service = provider(key.provider)
    with lease(f"poll:{key_id}:{kind}", service.longest_call + MARGIN) as held:
        if held is None:
            return
        due = _due(key, kind)
        if due:
            _look_at(due, key, service, held)
            _hint_next(key, kind)


def _due(key: ApiKey, kind: str) -> list[Job]:
    states = [*ASKED_AFTER, JobState.UNCERTAIN]
    due = Job.objects.due().filter(api_key=key, kind=kind, state__in=states)
    return list(due.select_related("workspace", "api_key").order_by("next_action_at", "pk")[:AT_ONCE])


def _look_at(due: list[Job], key: ApiKey, service: Provider, held: Held) -> None:
    for job in due:
        if not job.tracked:
            end_rehearsal(job)
    tracked = [job for job in due if job.tracked]
    if not waiting.is_usable(key):
        for job in tracked:
            waiting.wait_for_key(job)
    elif key.is_paused:
        for job in tracked:
            waiting.put_off(job, key)
    elif tracked and intervals.begin(key.pk, tracked[0].kind, _interval(service)):
        _ask(tracked, key, service, held)


def _interval(service: Provider) -> float:
    """One list answers for whatever falls due in the meantime; questions about single jobs gain nothing by waiting."""
    return service.poll_seconds[0] if service.can(Capability.LIST) else ONE_BY_ONE


def _ask(due: list[Job], key: ApiKey, service: Provider, held: Held) -> None:
    try:
        opened = keys.credentials(key, "poll")
        listed = _list(due, service, opened)
        reach("poll.listed")
        left = _apply_listed(due, key, listed)
        ask_each(left, service, opened, held, partial(_fallen_due, key, due[0].kind, service))
        if left or service.can(Capability.LIST):
            key_health.worked(key)
        queue_reason.look(key, service, opened)
        reconcile.reconcile([job for job in due if job.state == JobState.UNCERTAIN], listed, service)
    except KeyRefused as error:
        key_health.rejected(key, error.sentence)
        for job in due:
            waiting.wait_for_key(job)
    except ProviderError as error:
        _no_answer(due, key, error)


def _list(due: list[Job], service: Provider, opened: Credentials) -> Sequence[Snapshot]:
    if not service.can(Capability.LIST):
        return ()
    ask_to_stop(due, service, opened)
    return service.list_latest(Kind(due[0].kind), opened)


def _fallen_due(key: ApiKey, kind: str, service: Provider) -> list[Job]:
    """What has to be asked after one by one by now; what may be on the list waits for the next one."""
    if service.can(Capability.LIST):
        return []
    return [job for job in _due(key, kind) if job.tracked and job.state in ASKED_AFTER]


def _apply_listed(due: list[Job], key: ApiKey, listed: Sequence[Snapshot]) -> list[Job]:
    """Bring every job on the list up to date, due or not, and return those that are due and not on it."""
    said = {snapshot.provider_job_id: snapshot for snapshot in listed}
    known = Job.objects.filter(api_key=key, provider_job_id__in=list(said), state__in=ASKED_AFTER)
    for pk, provider_job_id in known.values_list("pk", "provider_job_id"):
        with guarded(pk, "read how it is"):
            apply(pk, said[provider_job_id])
            reach("poll.applied")
    return [job for job in due if job.state in ASKED_AFTER and job.provider_job_id not in said]


def _no_answer(due: list[Job], key: ApiKey, error: ProviderError) -> None:
    if isinstance(error, TooMany):
        wait = key_health.rest(key, error.wait)
    else:
        key_health.failed(key)
        wait = backoff(key.failures_in_row + 1)
    for job in due:
        ask_later(job, wait)


def end_rehearsal(rehearsed: Job) -> None:
    """A rehearsal that cannot be asked after was accepted, and that is its result (P14)."""
    with locked(rehearsed.pk) as job:
        label = provider(job.provider).label
        if job.cancel_requested_at is not None:
            move(job, JobState.CANCELLED, words.cancelled(label), next_action_at=None)
        else:
            done = words.succeeded(label, dry_run=True)
            move(job, JobState.SUCCESS, done, percent=100, charged=Job.Charged.NO, next_action_at=None)


def _hint_next(key: ApiKey, kind: str) -> None:
    open_jobs = Job.objects.filter(api_key=key, kind=kind, state__in=[*ASKED_AFTER, JobState.UNCERTAIN])
    due_at = open_jobs.exclude(next_action_at=None).order_by("next_action_at").values_list("next_action_at", flat=True)
    first = due_at.first()
    wait = max((first - timezone.now()).total_seconds(), intervals.left(key.pk, kind), 0.2) if first else SOON
    if wait < SOON:
        hint("poll_key", key.pk, kind, delay=wait + LATER)
