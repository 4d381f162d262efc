"""The installation's own background task."""

import socket
from datetime import timedelta
from typing import Any

from celery import shared_task, signals
from django.utils import timezone

from dashboard.models import Heartbeat

FORGET_AFTER = timedelta(days=1)


@shared_task(ignore_result=True)
def heartbeat() -> None:
    """Show that a worker takes work: only a task that ran can write this."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(worker=socket.gethostname()[:200], defaults={"at": now})
    Heartbeat.objects.filter(at__lt=now - FORGET_AFTER).delete()


@signals.worker_ready.connect
def greet(**options: Any) -> None:
    """Ask for the first heartbeat at once, so that nobody waits for the clock to call a fresh worker alive."""
    heartbeat.delay()
