"""Ask a provider how its jobs are: one list per API key and kind, single questions only for what is not on it.

A question that gets no answer changes nothing on a job but when it is asked after next (P20).

Jobs fall due one by one, and one list answers for fifty of them: whatever falls due meanwhile waits for the key's next
interval, so that a key with two hundred jobs costs one list call an interval like a key with one.
"""

from collections.abc import Sequence
from functools import partial

from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import ApiKey, Job, JobState, Lease
from jobs.operations.api_keys import health, keys, waiting
from jobs.operations.clock import backoff, in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.jobs import reconcile
from jobs.operations.jobs.read_each import ask_later, ask_to_stop, read_each
from jobs.operations.jobs.snapshot import apply_all, end_rehearsal
from jobs.operations.jobs.state import ASKED_AFTER, By, change, enqueue_poll, locked, show
from jobs.operations.leases import Held, lease, take
from jobs.operations.providers import provider
from jobs.operations.storable import clean
from jobs.providers.base import Capability, Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, ProviderError, Refused, TooMany, Unavailable
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
QUEUE_PATIENCE = 60.0
"""Seconds that a job waits in the provider's queue before anybody wonders why, and between two such questions."""


def poll_key(key_id: int, kind: str) -> None:
    """Look at everything that is due under one API key and kind of job. Does nothing while somebody else is at it."""
    key = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        return
    service = provider(key.provider)
    # Longer than any call takes: two that asked with one key at once would ask twice (B06).
    with lease(f"poll:{key_id}:{kind}", service.longest_call + MARGIN) as held:
        if held is None:
            return
        due = _due(key, kind)
        if not due:
            return
        _look_at(due, key, service, held)
        open_jobs = Job.objects.filter(api_key=key, kind=kind, state__in=[*ASKED_AFTER, JobState.UNCERTAIN])
        due_at = open_jobs.exclude(next_action_at=None).order_by("next_action_at")
        if first := due_at.values_list("next_action_at", flat=True).first():
            begins = Lease.objects.filter(name=_interval(key.pk, kind)).values_list("until", flat=True).first()
            wait = (max(first, begins or first) - timezone.now()).total_seconds()
            if wait < SOON:
                enqueue("poll_key", key.pk, kind, delay=max(wait, 0.2) + LATER)


def _due(key: ApiKey, kind: str) -> list[Job]:
    states = [*ASKED_AFTER, JobState.UNCERTAIN]
    due = Job.objects.due().filter(api_key=key, kind=kind, state__in=states)
    return list(due.select_related("workspace", "api_key").order_by("next_action_at", "pk")[:AT_ONCE])


def _look_at(due: list[Job], key: ApiKey, service: Provider, held: Held) -> None:
    for job in due:
        if not job.is_pollable:
            with locked(job.pk) as row:
                end_rehearsal(row, by=By.POLL)
    pollable = [job for job in due if job.is_pollable]
    # One list answers for whatever falls due in the meantime; questions about single jobs gain nothing by waiting.
    seconds = service.poll_seconds[0] if service.can(Capability.LIST) else ONE_BY_ONE
    if not waiting.is_usable(key):  # P30
        for job in pollable:
            waiting.wait_for_key(job)
    elif key.is_paused:
        for job in pollable:
            waiting.put_off(job, key.paused_until)
    elif pollable and take(_interval(key.pk, pollable[0].kind), seconds) is not None:
        _ask(pollable, key, service, held)


def _ask(due: list[Job], key: ApiKey, service: Provider, held: Held) -> None:
    try:
        opened = keys.credentials(key, "poll")
        listed: Sequence[Snapshot] = ()
        if service.can(Capability.LIST):
            ask_to_stop(due, service, opened)
            listed = service.list_latest(Kind(due[0].kind), opened)
        reach("poll.listed")
        left = _take_in_list(due, key, listed)
        if left:
            read_each(left, service, opened, held, partial(_fallen_due, key, due[0].kind, service))
        if left or service.can(Capability.LIST):
            health.succeeded(key)
        _ask_why_waiting(key, service, opened)
        if uncertain := [job for job in due if job.state == JobState.UNCERTAIN]:
            reconcile.reconcile(uncertain, listed, service)
    except KeyRefused as error:
        health.rejected(key, error.sentence)
        for job in due:
            waiting.wait_for_key(job)
    except ProviderError as error:
        if isinstance(error, TooMany):
            wait = health.back_off(key, error.wait)
        else:
            health.failed(key)
            wait = backoff(key.failures_in_row + 1)
        for job in due:
            ask_later(job, wait)


def _take_in_list(due: list[Job], key: ApiKey, listed: Sequence[Snapshot]) -> list[Job]:
    """Bring every job on the list up to date, due or not, and return those that are due and not on it."""
    said = {snapshot.provider_job_id: snapshot for snapshot in listed}
    if said:
        apply_all(Job.objects.filter(api_key=key, provider_job_id__in=list(said)), said)
    return [job for job in due if job.state in ASKED_AFTER and job.provider_job_id not in said]


def _fallen_due(key: ApiKey, kind: str, service: Provider) -> list[Job]:
    """What has to be asked after one by one by now; what may be on the list waits for the next one."""
    if service.can(Capability.LIST):
        return []
    return [job for job in _due(key, kind) if job.is_pollable and job.state in ASKED_AFTER]


def _ask_why_waiting(key: ApiKey, service: Provider, opened: Credentials) -> None:
    """Ask why jobs of *key* only wait, if they have for a while, and say it on them. No answer changes nothing."""
    late = in_seconds(-QUEUE_PATIENCE)
    jobs = Job.objects.filter(api_key=key, state=JobState.QUEUED, is_pollable=True, submitted_at__lt=late)
    if not jobs.exists() or take(f"queue:{key.pk}", QUEUE_PATIENCE) is None:
        return
    try:
        reason = clean(service.why_waiting(opened), 300)
    except (Unavailable, Refused):
        return
    for pk in jobs.exclude(queue_reason=reason).order_by("pk").values_list("pk", flat=True):
        with locked(pk) as job:
            if job.state == JobState.QUEUED and change(job, queue_reason=reason):
                show(job)


def ask_soon(job: Job) -> None:
    """A callback came or somebody asked: the next question about *job* need not wait for its key's interval."""
    Lease.objects.filter(name=_interval(job.api_key_id or 0, job.kind)).update(until=Now())
    enqueue_poll(job)


def _interval(key_id: int, kind: str) -> str:
    return f"interval:{key_id}:{kind}"
