"""How our Celery worker outlives a broker that dies: it waits for it, and what it is doing goes on. And how it ends
itself when it takes nothing any more, so that whoever started it starts another.
"""

import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Collection
from typing import Any

import kombu
import redis
from celery import Celery, signals
from celery.worker.consumer import Consumer
from django.conf import settings
from kombu.exceptions import OperationalError

from dashboard.up.supervisor import MISSED_BEATS
from dashboard.worker import broker

logger = logging.getLogger(__name__)

warnings.filterwarnings("ignore", r"\s*In Celery 5\.1 we introduced")  # of running tasks: ours go on, as they should


class PatientConsumer(Consumer):
    """Celery's consumer, for a broker that may go away at any moment.

    Once kombu 5.7 has taken a broken connection to Redis apart, whoever still has a message from it, to acknowledge it
    or to give it back, gets an AttributeError, which ends the worker and with it every order being sent. Here that is
    a broken connection like any other. Nobody needs those messages: what is owed stands in the database.
    """

    connection_errors: tuple[type[BaseException], ...]
    task_consumer: kombu.Consumer

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connection_errors = (*self.connection_errors, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Drop the broken connection; Celery does so itself before it fails over giving messages back."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            logger.info("Closing the broken connection to the broker: %r", error)


class Watchdog:
    """Notices a worker that takes nothing for *limit* seconds though messages wait in its *queues*, or that does not
    even answer (B04).

    Containers are started again when they end and not when they are unhealthy; a heartbeat that any worker may write
    does not show that one of several is stuck.
    """

    def __init__(
        self,
        limit: float,
        queues: Collection[str],
        is_heard: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._queues, self._is_heard, self._clock = limit, queues, is_heard, clock
        self._took, self._well_at = False, clock()

    def note(self, **told: Any) -> None:
        """The worker began a task."""
        self._took = True

    def is_stuck(self) -> bool:
        """Asked every now and then. A broker that is away proves nothing."""
        took, self._took = self._took, False
        waiting = broker.waiting()
        if took or waiting is None or (not any(waiting[queue] for queue in self._queues) and self._is_heard()):
            self._well_at = self._clock()
        return self._clock() - self._well_at > self._limit


@signals.worker_ready.connect
def watch(sender: PatientConsumer, **told: Any) -> None:
    """Have an eye on our own worker from a thread of its own."""
    queues = {queue.name for queue in sender.task_consumer.queues} & set(broker.QUEUES)
    limit = MISSED_BEATS * settings.HEARTBEAT_SECONDS
    watchdog = Watchdog(limit, queues, lambda: _is_heard(sender.app, sender.hostname))
    signals.task_prerun.connect(watchdog.note, weak=False)
    threading.Thread(target=_end_when_stuck, args=(watchdog,), name="watchdog", daemon=True).start()


def _is_heard(app: Celery, name: str) -> bool:
    try:
        return bool(app.control.ping(destination=[name], timeout=5.0))
    except (OperationalError, redis.RedisError, OSError):  # the broker went away meanwhile
        return True


def _end_when_stuck(watchdog: Watchdog) -> None:
    while not watchdog.is_stuck():
        time.sleep(settings.HEARTBEAT_SECONDS)
    logger.error("This worker takes no work any more. It ends, and is started again.")
    os._exit(1)  # nothing that waits for its threads would ever end; what they did is done again
