"""Jobs, with what happened to them and what can be done about it."""

import json

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.admin import ReadOnly
from jobs.admin import actions
from jobs.admin.work import WorkAdmin
from jobs.models import (
    Attempt,
    Job,
    JobEvent,
)

STANDING = (
    ("state", "percent", "queue_position"),
    ("provider_job_id", "provider_state"),
    ("failure_code", "failure"),
    ("charged", "needs_decision", "results_pending"),
    ("image_count", "checkpoint_count", "missing_count"),
    ("submitted_at", "started_at", "finished_at", "cancel_requested_at", "uncertain_since"),
)
ORDER = (
    ("provider", "api_key", "base_model", "preset", "dry_run"),
    ("photo_set", "photo_count", "checkpoint", "cloned_from"),
    ("token", "class_word"),
    "training",
    "generations",
    ("estimated_seconds_low", "estimated_seconds_high", "estimated_cost_cents", "currency"),
)


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
    actions = (actions.check_again, actions.refetch, actions.cancel, actions.mark_lost)
    inlines = (AttemptInline, EventInline)
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
