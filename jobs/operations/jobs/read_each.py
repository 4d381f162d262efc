"""Questions about many single jobs at once, for providers that have no list of them, and for what is not on it.

Only the questions go out side by side; what comes back is taken in here, one after the other. Whatever falls due while
the slowest answer is still awaited is asked in the same run, so that one job that nobody answers for keeps no other
waiting.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from django.db.models.functions import Now

from dashboard import logs
from jobs.models import Job
from jobs.operations.clock import backoff, in_seconds
from jobs.operations.jobs import quarantine
from jobs.operations.jobs.snapshot import apply_all, not_found
from jobs.operations.jobs.state import ASKED_AFTER
from jobs.operations.leases import Held
from jobs.providers.base import Capability, Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, Unavailable
from jobs.providers.order import Kind
from jobs.providers.reply import Snapshot

AT_A_TIME = 16
A_SECOND = 150.0
"""Most questions in a second with one key: RunPod, the strictest of those that say so, takes 200."""
LOOK_AROUND = 1.0
"""Seconds between two looks at what else has fallen due, and at our lease."""
LONGEST_RUN = 30.0
"""Seconds after which nothing more is begun, so that others get their turn."""
MOST_UNANSWERED = 3
"""So many questions in a row without an answer, and the provider is taken to be away."""

T = TypeVar("T")


def read_each(
    jobs: Iterable[Job], service: Provider, opened: Credentials, held: Held, due: Callable[[], Iterable[Job]]
) -> None:
    """Ask after *jobs*, and then after what is *due*, while our lease holds.

    Raises `KeyRefused`, `TooMany`, or the third `Unavailable` in a row: one job that nobody can answer for holds up no
    other. Where there was no answer at all, its `Unavailable`: fewer than three jobs find out too that nobody is there.
    """
    pool: Executor = _SameThread() if service.in_process else ThreadPoolExecutor(AT_A_TIME, "poll")
    try:
        _Round(jobs, service, opened, pool).go(held, due)
    finally:
        # What is still on its way is only read, and its answer not missed: the job stays due.
        pool.shutdown(wait=False, cancel_futures=True)


class _SameThread(Executor):
    """For a provider that runs in our process: it reads our database, whose connection belongs to this thread."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # it goes on to whoever wants the result
            future.set_exception(error)
        return future


class _Round:
    """One run of questions."""

    def __init__(self, jobs: Iterable[Job], service: Provider, opened: Credentials, pool: Executor) -> None:
        self.service, self.opened, self.pool = service, opened, pool
        self.waiting = deque(jobs)
        self.seen = {job.pk for job in self.waiting}
        self.asked: dict[Future[Snapshot], Job] = {}
        self.began, self.count, self.unanswered = time.monotonic(), 0, 0
        self.silence: Unavailable | None = None
        """What the last question without an answer met."""
        self.was_answered = False

    def go(self, held: Held, due: Callable[[], Iterable[Job]]) -> None:
        looked = time.monotonic()
        while self.waiting or self.asked:
            self._ask()
            if not self.asked:
                time.sleep(1 / A_SECOND)  # more has to be asked, and not yet
            self._settle(wait(self.asked, LOOK_AROUND / 10, FIRST_COMPLETED).done)
            if time.monotonic() - looked < LOOK_AROUND:
                continue
            looked = time.monotonic()
            if not held.renew():
                return
            if time.monotonic() - self.began < LONGEST_RUN:
                fresh = [job for job in due() if job.pk not in self.seen]
                self.waiting.extend(fresh)
                self.seen |= {job.pk for job in fresh}
        if self.silence is not None and not self.was_answered:
            raise self.silence

    def _ask(self) -> None:
        """Send out as many questions as may be on their way, and no more in a second than are welcome."""
        welcome = AT_A_TIME + A_SECOND * (time.monotonic() - self.began)
        while self.waiting and len(self.asked) < AT_A_TIME and self.count < welcome:
            job = self.waiting.popleft()
            self.asked[self.pool.submit(_answer, job, self.service, self.opened)] = job
            self.count += 1

    def _settle(self, answered: set[Future[Snapshot]]) -> None:
        """Take in what has come back, also of those that were heard before one of them raised."""
        heard, said = list[int](), dict[str, Snapshot]()
        try:
            for future in answered:
                job = self.asked.pop(future)
                self.seen.discard(job.pk)
                if snapshot := self._hear(job, future):
                    heard.append(job.pk)
                    said[job.provider_job_id] = snapshot
        finally:
            if said:
                apply_all(Job.objects.filter(pk__in=heard), said)

    def _hear(self, job: Job, answer: Future[Snapshot]) -> Snapshot | None:
        """What the provider said of *job*, if it said anything.

        Raises `KeyRefused`, `TooMany`, or `Unavailable` once that is all it says.
        """
        snapshot, trouble = None, None
        with quarantine.contained(job.pk, "read how it is"):
            try:
                snapshot = answer.result()
            except NotThere:
                not_found(job.pk)
            except ProviderError as error:
                trouble = error  # no failure of ours, so it is not counted against the job
        if isinstance(trouble, Unavailable):
            self.unanswered, self.silence = self.unanswered + 1, trouble
            if self.unanswered < MOST_UNANSWERED:
                ask_later(job, backoff(job.tries + 1))
                return None
        if trouble is not None:
            raise trouble
        self.unanswered, self.was_answered = 0, True
        return snapshot


def _answer(job: Job, service: Provider, opened: Credentials) -> Snapshot:
    """Runs beside others, and so touches no row."""
    logs.job_id.set(job.pk)  # the thread's own: nothing else runs in it meanwhile
    if not service.can(Capability.LIST):
        _stop(job, service, opened)
    return service.read(Kind(job.kind), job.provider_job_id, opened)


def ask_later(job: Job, wait: float) -> None:
    """Put the next question off, unless somebody moved the job or made it due anew meanwhile."""
    due = Job.objects.filter(pk=job.pk, state=job.state, next_action_at__lte=Now())
    due.update(next_action_at=in_seconds(wait))


def ask_to_stop(due: list[Job], service: Provider, opened: Credentials) -> None:
    """Pass on what people asked for about those that are *due*."""
    for job in due:
        _stop(job, service, opened)


def _stop(job: Job, service: Provider, opened: Credentials) -> None:
    """Pass on that *job* is to be stopped, if somebody asked for that; what the provider says next counts (P29). Asking
    again does no harm. Raises `KeyRefused`."""
    if job.cancel_requested_at is None or job.state not in ASKED_AFTER or not service.can(Capability.CANCEL):
        return
    try:
        service.cancel(Kind(job.kind), job.provider_job_id, opened)
    except KeyRefused:
        raise
    except ProviderError:
        # It has ended already, or did not hear us: the look that follows tells, and the next one asks again.
        return
