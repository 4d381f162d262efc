"""A worker that takes nothing notices it itself, and one that is well is left alone (B04)."""

from collections.abc import Callable

import pytest

from dashboard.worker import broker
from dashboard.worker.consumer import Watchdog

LIMIT = 180.0
NOTHING = dict.fromkeys(broker.QUEUES, 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, int] | None], None]:
    """So many messages wait from now on."""
    return lambda counts: monkeypatch.setattr(broker, "waiting", lambda: counts)


def is_stuck_in_the_end(watchdog: Watchdog, clock: Clock, *, works: bool = False) -> bool:
    """After ten minutes of looking every twenty seconds."""
    for _ in range(30):
        if works:
            watchdog.note()
        clock.now += 20
        if watchdog.is_stuck():
            return True
    return False


def watchdog_of(clock: Clock, *, is_heard: bool = True) -> Watchdog:
    return Watchdog(LIMIT, broker.QUEUES, lambda: is_heard, clock)


def test_b04_a_worker_that_takes_nothing_while_messages_wait_is_stuck_after_its_time(clock, waiting):
    waiting(NOTHING | {"poll": 3})
    watchdog = watchdog_of(clock)
    clock.now = LIMIT
    assert not watchdog.is_stuck()
    assert is_stuck_in_the_end(watchdog, clock)


def test_b04_a_worker_that_no_longer_hears_anything_is_stuck_though_others_take_the_messages(clock, waiting):
    waiting(NOTHING)
    assert is_stuck_in_the_end(watchdog_of(clock, is_heard=False), clock)


def test_a_worker_with_much_to_do_is_well(clock, waiting):
    waiting(dict.fromkeys(broker.QUEUES, 900))
    assert not is_stuck_in_the_end(watchdog_of(clock), clock, works=True)


def test_a_worker_with_nothing_to_do_is_well(clock, waiting):
    waiting(NOTHING)
    assert not is_stuck_in_the_end(watchdog_of(clock), clock)


def test_a_worker_whose_broker_is_away_is_well(clock, waiting):
    waiting(None)
    assert not is_stuck_in_the_end(watchdog_of(clock, is_heard=False), clock)


def test_a_worker_leaves_the_queues_of_others_to_them(clock, waiting):
    waiting(NOTHING | {"poll": 3})
    assert not is_stuck_in_the_end(Watchdog(LIMIT, {"photos"}, lambda: True, clock), clock)
