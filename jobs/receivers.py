"""What happens here when something happens in `dashboard`."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from dashboard import alarms, findings, owed
from dashboard.models import Workspace
from jobs.operations.api_keys.keys import practice_key
from jobs.operations.asking import standstill
from jobs.operations.owed import count_owed
from jobs.operations.sending import outdated, reached

owed.counters.append(count_owed)
findings.from_outside.append(reached.findings)
findings.from_outside.append(outdated.findings)
findings.from_outside.append(standstill.findings)
alarms.sources.append(standstill.alarms)


@receiver(post_save, sender=Workspace, dispatch_uid="practice key")
def give_practice_key(instance: Workspace, *, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Every new workspace can practise at once."""
    if created and not raw:
        practice_key(instance)
