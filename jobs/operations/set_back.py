"""A clock that was set back: the database's, by which everything is planned (B11).

It ran hours ahead (no battery, two systems on one machine, a resumed virtual machine) until a time server set it right.
What was planned by then would wait until the clock had caught up. The last sweep that was noted lies in the future
then, which shows by how much.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from dashboard.models import Heartbeat
from jobs.models import ApiKey, Job, Lease, Photo

logger = logging.getLogger(__name__)

NOTICED_FROM = 30.0
"""Seconds: what is less is soon caught up with."""
_PLANNED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Job, ("next_action_at", "lease_until", "submitted_at", "started_at", "uncertain_since", "not_found_since")),
    (Photo, ("next_action_at", "crop_due_at", "inspection_due_at")),
    (ApiKey, ("paused_until",)),
    (Lease, ("until",)),
)
"""When something is to be done, and since when something waits. Days that people were told of stay as they are."""


def catch_up() -> None:
    """Bring forward what was planned by a clock that has been set back since. Done twice, it only comes sooner."""
    ahead = Heartbeat.objects.filter(worker=Heartbeat.SWEEP, at__gt=Now() + timedelta(seconds=NOTICED_FROM))
    found = ahead.values_list("at", Now()).first()
    if found is None:
        return
    by = found[0] - found[1]
    logger.warning("The clock was set back by %d s: what was planned before goes on now.", by.total_seconds())
    for model, columns in _PLANNED:
        for column in columns:
            model.objects.filter(**{f"{column}__gt": Now()}).update(**{column: F(column) - by})
    told = {"at": Now(), "clock_ahead": by.total_seconds()}
    Heartbeat.objects.update_or_create(worker=Heartbeat.SET_BACK, defaults=told)
    ahead.update(at=Now())
