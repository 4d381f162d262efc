"""The installation's own background task."""

import socket
import time
from datetime import timedelta
from typing import Any

from celery import shared_task, signals
from django.core.management import call_command
from django.db.models.functions import Now

from dashboard.models import Heartbeat

FORGET_AFTER = timedelta(days=1)


# Messages outlive an upgrade, and beat and workers are not replaced at one moment: the name stays as it was.
@shared_task(name="dashboard.tasks.heartbeat", ignore_result=True)
def heartbeat(*newer: Any, from_beat: bool = False, **newer_names: Any) -> None:
    """Show that a worker takes work, and whether beat sends it: only a task that ran can write this. Also compare our
    clock with the database's, and forget what is over.
    """
    ours = socket.gethostname()[:200]
    for name in [*([Heartbeat.BEAT] if from_beat else []), ours]:
        Heartbeat.objects.update_or_create(worker=name, defaults={"at": Now()})
    row, before = Heartbeat.objects.filter(worker=ours), time.time()
    now = row.values_list(Now(), flat=True).get()
    row.update(clock_ahead=Heartbeat.ahead(before, now, time.time()))
    Heartbeat.objects.filter(at__lt=Now() - FORGET_AFTER).delete()
    call_command("clearsessions")


@signals.worker_ready.connect
def greet(**options: Any) -> None:
    """Ask for the first heartbeat at once, so that nobody waits for the clock to call a fresh worker alive."""
    heartbeat.delay()
