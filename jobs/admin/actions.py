"""What the admin panel can do with jobs: the same operations that pages use, one job after the other."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from dashboard.models import User
from jobs.models import Job
from jobs.models.job import FINAL_STATES
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions

Jobs = QuerySet[Job]
MOST_AT_ONCE = 200


@admin.action(description="Check again", permissions=["act"])
def check_again(panel: "ModelAdmin[Job]", request: HttpRequest, jobs: Jobs) -> None:
    """Ask the provider now instead of when it is due."""
    _each(request, jobs, actions.check_again)


@admin.action(description="Fetch missing results again", permissions=["act"])
def refetch(panel: "ModelAdmin[Job]", request: HttpRequest, jobs: Jobs) -> None:
    """Try again to copy what a job that has ended made."""
    _each(request, jobs.filter(state__in=FINAL_STATES), actions.check_again)


@admin.action(description="Cancel", permissions=["act"])
def cancel(panel: "ModelAdmin[Job]", request: HttpRequest, jobs: Jobs) -> None:
    """Stop jobs, as their pages would."""
    _each(request, jobs, actions.cancel)


@admin.action(description="Mark as lost…", permissions=["act"])
def mark_lost(panel: "ModelAdmin[Job]", request: HttpRequest, jobs: Jobs) -> HttpResponse | None:
    """End jobs that nobody will hear of again, once somebody is sure."""
    if request.POST.get("sure") == "yes":
        _each(request, jobs, actions.mark_lost)
        return None
    shown = {**panel.admin_site.each_context(request), "title": "Mark as lost?", "opts": panel.opts}
    jobs = jobs.select_related("workspace")[:MOST_AT_ONCE]
    return TemplateResponse(request, "admin/jobs/job/mark_lost.html", {**shown, "jobs": jobs})


def _each(request: HttpRequest, jobs: Jobs, operation: Callable[[Job, User], str]) -> None:
    """Do *operation* to every one of *jobs*, and say how many did not need or allow it, and why."""
    done, refused = 0, dict[str, int]()
    for job in jobs.order_by("pk")[:MOST_AT_ONCE]:
        try:
            operation(job, cast("User", request.user))
            done += 1
        except NotPossible as no:
            refused[no.sentence] = refused.get(no.sentence, 0) + 1
    if done:
        messages.success(request, f"Done for {done} job{'' if done == 1 else 's'}.")
    for sentence, count in refused.items():
        messages.warning(request, f"{count} left as {'it is' if count == 1 else 'they are'}: {sentence}")
    if not done and not refused:
        messages.info(request, "None of these jobs needed it.")
