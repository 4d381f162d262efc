"""The admin panel's pages for the work: all can be looked at, and jobs acted on by the operations that pages use.

Nothing is edited here: rows of jobs and results are written by operations alone, which keep their story and version.
"""

import json

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from dashboard.admin import ReadOnly
from jobs import admin_actions, media
from jobs.models import (
    ApiKey,
    Attempt,
    Checkpoint,
    GeneratedImage,
    Job,
    JobEvent,
    Lease,
    Photo,
    PhotoSet,
    PracticeRecord,
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
KEY_TIMES = ("last_used_at", "paused_until", "added_by", "created_at", "replaced_at", "revoked_at")
PHOTO_TIMES = ("created_at", "next_action_at", "tries", "deleted_at")


class WorkAdmin(ReadOnly, admin.ModelAdmin):
    """Newest first, and a million rows are not counted twice."""

    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False


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
    search_help_text = "Name, the provider's own id, or the e-mail address of who made it."
    actions = (admin_actions.check_again, admin_actions.refetch, admin_actions.cancel, admin_actions.mark_lost)
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


@admin.register(Attempt)
class AttemptAdmin(WorkAdmin):
    """Without the callback token: only its SHA-256 is kept, and even that is not shown."""

    list_display = ("job", "number", "outcome", "provider_job_id", "created_at", "ended_at")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    search_fields = ("provider_job_id", "job__name")
    exclude = ("token_hash",)


@admin.register(JobEvent)
class JobEventAdmin(WorkAdmin):
    list_display = ("at", "job", "kind", "state", "sentence", "user")
    list_filter = ("kind", "state")
    list_select_related = ("job", "user")
    search_fields = ("sentence", "job__name")


@admin.register(ApiKey)
class ApiKeyAdmin(WorkAdmin):
    """Keys without their secrets: those are opened for the provider only, and shown nowhere."""

    list_display = ("label", "workspace", "provider", "ending", "health", "last_used_at", "added_by", "revoked_at")
    list_filter = ("provider", "health", "workspace")
    list_select_related = ("workspace", "added_by")
    search_fields = ("label", "workspace__name")
    fields = readonly_fields = (
        "label",
        "workspace",
        "provider",
        "ending",
        "options",
        "health",
        "last_result",
        *KEY_TIMES,
    )

    @admin.display(description="Ends with")
    def ending(self, key: ApiKey) -> str:
        return f"…{key.last_four}" if key.last_four else "-"


@admin.register(PhotoSet)
class PhotoSetAdmin(WorkAdmin):
    list_display = ("name", "workspace", "subject", "photo_count", "created_by", "created_at", "deleted_at")
    list_filter = ("subject", "workspace")
    list_select_related = ("workspace", "created_by")
    search_fields = ("name", "workspace__name")
    fields = readonly_fields = (
        "name",
        "workspace",
        "subject",
        "photo_count",
        "created_by",
        "created_at",
        "deleted_at",
        "version",
    )


@admin.register(Photo)
class PhotoAdmin(WorkAdmin):
    """What became of uploads. Originals, which may carry a place, are not reachable from here."""

    list_display = ("display_name", "photo_set", "workspace", "state", "refusal", "width", "height", "created_at")
    list_filter = ("state",)
    list_select_related = ("photo_set", "workspace")
    search_fields = ("display_name", "photo_set__name")
    fields = readonly_fields = (
        "display_name",
        "workspace",
        "photo_set",
        "state",
        "refusal",
        "caption",
        "width",
        "height",
        *PHOTO_TIMES,
    )


@admin.register(Checkpoint)
class CheckpointAdmin(WorkAdmin):
    list_display = (
        "job",
        "step",
        "workspace",
        "provider",
        "is_lora",
        "state",
        "size_bytes",
        "expires_at",
        "created_at",
    )
    list_filter = ("state", "provider", "is_lora")
    list_select_related = ("job", "workspace")
    search_fields = ("job__name", "provider_result_id")


@admin.register(GeneratedImage)
class GeneratedImageAdmin(WorkAdmin):
    list_display = ("preview", "words", "job", "workspace", "state", "starred", "created_at", "deleted_at")
    list_display_links = ("words",)
    list_filter = ("state", "starred", "is_sample", "workspace")
    list_select_related = ("job", "workspace")
    search_fields = ("prompt", "job__name")

    @admin.display(description="Prompt", ordering="prompt")
    def words(self, image: GeneratedImage) -> str:
        return Truncator(image.prompt).chars(70) or "(none)"

    @admin.display(description="")
    def preview(self, image: GeneratedImage) -> SafeString | str:
        if not image.thumbnail:
            return ""
        address = media.address(image.workspace, image.thumbnail)
        return format_html('<img class="picture-preview" src="{}" alt="" loading="lazy">', address)


@admin.register(PracticeRecord)
class PracticeRecordAdmin(WorkAdmin):
    list_display = ("key", "account", "created_at")
    search_fields = ("key", "account")


@admin.register(Lease)
class LeaseAdmin(WorkAdmin):
    list_display = ("name", "holder", "until")
