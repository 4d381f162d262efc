"""The Celery application of beat: it sends messages by the clock and loads neither models nor tasks."""

import logging
import os
from typing import Any

from celery import Celery, signals
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from kombu import Producer

from dashboard import logs
from dashboard.worker import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("likeness", fixups=[])
app.config_from_object("dashboard.settings", namespace="CELERY")


class ConsiderateScheduler(PersistentScheduler):
    """Sends nothing to a queue that nobody empties: a worker that comes back after a day finds no day's sweeps."""

    def tick(self, *args: Any, **options: Any) -> float:
        """Nothing waits until a clock that was set back has caught up (B11)."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None  # it keeps by when each is due; the next line makes it anew
        return float(super().tick(*args, **options))

    def apply_entry(self, entry: ScheduleEntry, producer: Producer | None = None) -> None:
        route = self.app.conf.task_routes.get(entry.task, {})
        if route.get("queue", self.app.conf.task_default_queue) not in broker.crowded():
            super().apply_entry(entry, producer)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Celery adds two stacks to each message that it cannot send, one every other second while the broker is away."""
    if record.exc_info and isinstance(record.exc_info[1], SchedulingError):
        record.msg, record.args, record.exc_info = str(record.exc_info[1]), (), None
    return True


@signals.setup_logging.connect
def log_as_the_others_do(loglevel: int, **options: Any) -> None:
    """Celery would write lines of its own kind; a receiver of this signal keeps it from that."""
    handler = logging.StreamHandler()
    handler.setFormatter(logs.formatter())
    handler.addFilter(_in_one_line)
    logging.basicConfig(level=loglevel, handlers=[handler])
