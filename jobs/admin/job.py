"""Jobs, with what happened to them and what can be done about it.

Actions are the same operations that pages use, one job after the other.
"""

import json
from collections.abc import Callable
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.admin import ReadOnly
from dashboard.models import User
from jobs.admin.overview import WorkAdmin
from jobs.models import (
    Attempt,
    Callback,
    Job,
    JobEvent,
    JobPhoto,
)
from jobs.models.job import FINAL_STATES
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions

Jobs = QuerySet[Job]
MOST_AT_ONCE = 200
STANDING = (
    ("state", "percent", "queue_position"),
    ("provider_job_id", "provider_state"),
    ("failure_code", "failure"),
    ("charged", "needs_decision", "results_pending"),
    ("image_count", "checkpoint_count", "missing_count"),
    ("submitted_at", "started_at", "finished_at", "cancel_requested_at", "uncertain_since"),
)
ORDER = (
    ("provider", "api_key", "base_model", "dry_run"),
    ("photo_set", "photo_count", "checkpoint", "cloned_from"),
    "order",
    ("estimated_seconds_low", "estimated_seconds_high", "estimated_cost_cents", "currency"),
)


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


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    extra = 0
    fields = readonly_fields = ("number", "outcome", "provider_job_id", "detail", "created_at", "ended_at")
    ordering = ("number",)


class EventInline(ReadOnly, admin.TabularInline):
    model = JobEvent
    extra = 0
    fields = readonly_fields = ("at", "kind", "state", "sentence", "user")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobEvent]:
        return super().get_queryset(request).select_related("user")


class JobPhotoInline(ReadOnly, admin.TabularInline):
    model = JobPhoto
    extra = 0
    fields = readonly_fields = ("position", "photo", "caption", "crop", "file")
    ordering = ("position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobPhoto]:
        return super().get_queryset(request).select_related("photo")


@admin.register(JobPhoto)
class JobPhotoAdmin(WorkAdmin):
    """Which orders a photo went into, and what was sent of it."""

    list_display = ("job", "position", "photo", "caption", "file")
    list_select_related = ("job", "photo")
    search_fields = ("job__name", "photo__display_name", "caption")


@admin.register(Job)
class JobAdmin(WorkAdmin):
    """Jobs of all workspaces, with what happened to them and what can be done about it."""

    list_display = (
        "name",
        "workspace",
        "kind",
        "provider",
        "state",
        "percent",
        "created_by",
        "image_count",
        "created_at",
    )
    list_filter = ("state", "kind", "provider", "needs_decision", "results_pending", "charged", "dry_run", "workspace")
    list_select_related = ("workspace", "created_by")
    search_fields = ("name", "provider_job_id", "created_by__email")
    actions = (check_again, refetch, cancel, mark_lost)
    inlines = (JobPhotoInline, AttemptInline, EventInline)
    fieldsets = (
        (None, {"fields": ("name", "workspace", "kind", "created_by", "created_at", "deleted_at")}),
        ("Where it stands", {"fields": STANDING}),
        ("The order", {"fields": ORDER}),
        ("Whose turn it is", {"fields": ("next_action_at", "lease_until", "tries", "last_checked_at", "version")}),
        ("The provider's last answer", {"fields": ("answer",), "classes": ("collapse",)}),
    )
    readonly_fields = flatten_fieldsets(fieldsets)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Actions change jobs, so looking at them is not enough."""
        return request.user.has_perm("jobs.change_job")

    @admin.display(description="Redacted")
    def answer(self, job: Job) -> SafeString:
        return format_html('<pre class="answer">{}</pre>', json.dumps(job.raw, indent=2, ensure_ascii=False))


@admin.register(Attempt)
class AttemptAdmin(WorkAdmin):
    """Without the callback token: only its SHA-256 is kept, and even that is not shown."""

    list_display = ("job", "number", "outcome", "provider_job_id", "created_at", "ended_at")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    search_fields = ("provider_job_id", "job__name")
    exclude = ("token_hash", "photo_grant_hash")


@admin.register(Callback)
class CallbackAdmin(WorkAdmin):
    list_display = ("first_at", "job", "attempt")
    list_select_related = ("attempt__job",)
    search_fields = ("attempt__job__name",)
    exclude = ("body_hash",)

    @admin.display(ordering="attempt__job")
    def job(self, callback: Callback) -> str:
        return callback.attempt.job.name


@admin.register(JobEvent)
class JobEventAdmin(WorkAdmin):
    list_display = ("at", "job", "kind", "state", "sentence", "user")
    list_filter = ("kind", "state")
    list_select_related = ("job", "user")
    search_fields = ("sentence", "job__name")
