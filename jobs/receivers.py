"""What happens here when something happens in `dashboard`, and what the System page learns of the work from here."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.db.models.signals import post_save
from django.dispatch import receiver

from dashboard.models import Workspace
from dashboard.monitoring import sources
from dashboard.monitoring.sources import OVERDUE_SECONDS, Backlog
from jobs.models import Job, JobState, Photo
from jobs.operations.api_keys.keys import practice_key
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import alerts, callback_check
from jobs.operations.jobs.state import ASKED_AFTER

STEPS = {
    "Orders to send": Q(state=JobState.READY),
    "Orders cut off midway": Q(state=JobState.SUBMITTING),
    "Jobs to ask about": Q(state__in=[*ASKED_AFTER, JobState.UNCERTAIN]),
    "Results to fetch": Q(results_pending=True),
}


def count_backlog() -> Iterator[Backlog]:
    """Every kind of step that the sweep looks after, in two queries."""
    late = Q(next_action_at__lte=in_seconds(-OVERDUE_SECONDS))
    columns = {f"due{number}": Count("pk", filter=step) for number, step in enumerate(STEPS.values())}
    columns |= {f"late{number}": Count("pk", filter=step & late) for number, step in enumerate(STEPS.values())}
    jobs = Job.objects.due().aggregate(**columns)
    for number, name in enumerate(STEPS):
        yield Backlog(name, jobs[f"due{number}"], jobs[f"late{number}"])
    photos = Photo.objects.due().aggregate(due=Count("pk"), late=Count("pk", filter=late))
    yield Backlog("Photos to take in", photos["due"], photos["late"])


sources.backlogs.append(count_backlog)
sources.outside.append(callback_check.findings)
sources.outside.append(alerts.outdated_endpoints)
sources.outside.append(alerts.restored)
sources.outside.append(alerts.stalled_polling)
sources.alarms.append(alerts.stalled_polling_alarms)


@receiver(post_save, sender=Workspace, dispatch_uid="practice key")
def give_practice_key(instance: Workspace, *, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Every new workspace can practise at once."""
    if created and not raw:
        practice_key(instance)
