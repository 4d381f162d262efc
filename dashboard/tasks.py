"""The installation's own background task."""

import socket
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from dashboard.models import Heartbeat

FORGET_AFTER = timedelta(days=1)


@shared_task(ignore_result=True)
def heartbeat() -> None:
    """Show that a worker takes work: only a task that ran can write this."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(worker=socket.gethostname()[:200], defaults={"at": now})
    Heartbeat.objects.filter(at__lt=now - FORGET_AFTER).delete()
