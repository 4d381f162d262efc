"""How a worker's threads are shared out: what hangs or takes long leaves others theirs."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connections

from dashboard.up.supervisor import WORKER_THREADS
from jobs import tasks
from jobs.models import ApiKey, Job, JobState
from jobs.operations import bulkheads, enqueue
from jobs.operations.bulkheads import Bulkhead
from jobs.operations.photos.processing import CONCURRENCY
from jobs.operations.providers import provider
from jobs.providers.registry import PROVIDERS
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.conftest import again
from tests.jobs.operations.scripted import Scripted
from tests.providers.emulators.faults import Fault

LONG = 600.0
"""Seconds that nobody waits for."""
PATIENCE = 60.0
"""Seconds in which a busy machine has done what it can do at all."""


@pytest.fixture
def worker() -> Iterator[Callable[..., Future[None]]]:
    """Runs a task on one of as many threads as a worker has."""

    def run(task: Callable[..., None], *args: int | str) -> None:
        try:
            task(*args)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKER_THREADS) as pool:
        yield lambda task, *args: pool.submit(run, task, *args)


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    given: list[tuple] = []
    monkeypatch.setattr(enqueue, "_send", lambda name, args, delay: given.append((name.rpartition(".")[2], *args)))
    return given


@pytest.mark.django_db(transaction=True)
def test_p02_a_provider_that_takes_every_order_and_never_answers_keeps_no_thread_from_another(
    dreamlook: Studio, job: Job, settings, worker
):
    settings.PROVIDER_PATIENCE_SECONDS = LONG
    dreamlook.emulator.faults.always("submit", Fault("hang", seconds=LONG))
    try:
        for one in [dreamlook.order() for _ in range(WORKER_THREADS)]:
            worker(tasks.submit, one.pk)
        worker(tasks.submit, job.pk).result(timeout=PATIENCE)
        assert again(job).state == JobState.QUEUED
    finally:
        dreamlook.emulator.stopped.set()


@pytest.mark.django_db(transaction=True)
def test_downloads_that_do_not_end_keep_no_thread_from_an_order(job: Job, another, scripted: Scripted, worker):
    end, fetched = threading.Event(), [another(str(number)) for number in range(WORKER_THREADS)]
    try:
        for one in fetched:
            worker(bulkheads.RESULTS.run, lambda pk: end.wait(LONG), Job, one.pk)
        worker(tasks.submit, job.pk).result(timeout=PATIENCE)
        assert again(job).state == JobState.QUEUED
    finally:
        end.set()


def test_while_every_provider_hangs_there_are_threads_for_photos_and_the_sweep():
    outside = [slug for slug in PROVIDERS if not provider(slug).in_process]
    waiting = len(outside) * (bulkheads.ORDERS.of_one + bulkheads.QUESTIONS.of_one)
    assert bulkheads.RESULTS.most is not None
    assert waiting + bulkheads.RESULTS.most + CONCURRENCY + 3 <= WORKER_THREADS


def test_one_provider_cannot_hold_all_that_there_is_for_results():
    assert bulkheads.RESULTS.most is not None
    assert bulkheads.RESULTS.of_one < bulkheads.RESULTS.most


def test_who_was_turned_away_gets_a_message_when_a_place_is_free(
    job: Job, another, hints, django_capture_on_commit_callbacks
):
    places, other = Bulkhead("submit", of_one=1), another("other")
    hints.clear()

    def meanwhile(pk: int) -> None:
        for _ in range(2):  # the sweep says it again
            places.run(pytest.fail, Job, other.pk)
        assert hints == []

    with django_capture_on_commit_callbacks(execute=True):
        places.run(meanwhile, Job, job.pk)
    assert hints == [("submit", other.pk)]

    done = list[int]()
    places.run(done.append, Job, other.pk)
    assert done == [other.pk]


def test_work_that_fails_gives_its_place_back(key: ApiKey):
    places = Bulkhead("poll_key", of_one=1)

    def fail(pk: int, kind: str) -> None:
        raise RuntimeError(kind)

    for _ in range(2):
        with pytest.raises(RuntimeError, match="training"):
            places.run(fail, ApiKey, key.pk, "training")


def test_what_is_no_longer_there_needs_no_place(db: None):
    Bulkhead("submit", of_one=1).run(pytest.fail, Job, 0)
