"""The Celery application of beat: it sends messages by the clock and loads neither models nor tasks."""

import logging
from typing import Any

from celery import Celery, signals
from celery.beat import SchedulingError

from dashboard import logs

app = Celery("likeness", fixups=[])
app.config_from_object("dashboard.settings", namespace="CELERY")


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
