"""Hurry a background task along. What is due stands in the database: a lost message costs seconds (B01, B02)."""

import time

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from dashboard.celery import app

PAUSE = 5.0
"""Seconds without messages after the broker did not answer, so that many of them do not wait for it one by one."""

_quiet_until = 0.0


def enqueue(task: str, *args: int | str, delay: float = 0.0) -> None:
    """Run the task called *task* of `jobs.tasks` soon after the current transaction commits, or *delay* seconds later.

    Never fails and hardly ever waits: a broker that is away, or that was never set, is left alone. *delay* stays below
    a minute; what is due later stands in a row.
    """
    if settings.CELERY_BROKER_URL:
        transaction.on_commit(lambda: _send(f"jobs.tasks.{task}", args, delay))


def _send(name: str, args: tuple[int | str, ...], delay: float) -> None:
    global _quiet_until  # noqa: PLW0603 - one per process; a race costs one more attempt
    if time.monotonic() < _quiet_until:
        return
    try:
        app.send_task(name, args, countdown=delay or None, retry=False)
    except OperationalError:
        _quiet_until = time.monotonic() + PAUSE
