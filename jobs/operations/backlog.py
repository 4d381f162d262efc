"""How much of the work is due, for whoever looks after the server."""

from collections.abc import Iterator

from django.db.models import Count, Q

from dashboard.monitoring.sources import OVERDUE_SECONDS, Backlog
from jobs.models import Job, JobState, Photo
from jobs.operations.clock import in_seconds
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
