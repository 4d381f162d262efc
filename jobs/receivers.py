"""What happens here when something happens in `dashboard`."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from dashboard.models import Workspace
from dashboard.monitoring import sources
from jobs.operations.api_keys.keys import practice_key
from jobs.operations.backlog import count_backlog
from jobs.operations.jobs import alerts, callback_check

sources.backlogs.append(count_backlog)
sources.outside.append(callback_check.findings)
sources.outside.append(alerts.outdated_endpoints)
sources.outside.append(alerts.stalled_polling)
sources.alarms.append(alerts.stalled_polling_alarms)


@receiver(post_save, sender=Workspace, dispatch_uid="practice key")
def give_practice_key(instance: Workspace, *, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Every new workspace can practise at once."""
    if created and not raw:
        practice_key(instance)
