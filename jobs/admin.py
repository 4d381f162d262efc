"""The admin panel's pages for the work: all can be looked at, and jobs acted on by the operations that pages use.

Nothing is edited here: rows of jobs and results are written by operations alone, which keep their story and version.
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
from django.utils.text import Truncator

from dashboard.admin import ReadOnly
from dashboard.models import User
from jobs.files import media
from jobs.models import (
    ApiKey,
    Attempt,
    Callback,
    Checkpoint,
    Consent,
    GeneratedImage,
    Job,
    JobEvent,
    JobPhoto,
    KeySecret,
    Lease,
    OrphanedFile,
    Photo,
    PhotoRequest,
    PhotoSet,
    PracticeRecord,
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


KEY_TIMES = ("last_used_at", "paused_until", "added_by", "created_at", "replaced_at", "revoked_at")
PHOTO_TIMES = ("created_at", "next_action_at", "tries", "deleted_at")


class WorkAdmin(ReadOnly, admin.ModelAdmin):
    """Newest first, and a million rows are not counted twice."""

    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False


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


@admin.register(KeySecret)
class KeySecretAdmin(WorkAdmin):
    """Which further secrets there are. What they say is not reachable from here."""

    list_display = ("name", "api_key")
    list_select_related = ("api_key",)
    search_fields = ("name", "api_key__label")
    fields = readonly_fields = ("name", "api_key")


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


@admin.register(Consent)
class ConsentAdmin(WorkAdmin):
    """The record of every consent, withdrawn ones included."""

    list_display = ("person", "workspace", "agreed_on", "agreed_until", "withdrawn_at", "settled_at", "noted_by")
    list_filter = ("workspace",)
    list_select_related = ("workspace", "noted_by")
    search_fields = ("person", "workspace__name")
    fields = readonly_fields = (
        *("person", "workspace", "photo_request", "agreed_on", "agreed_until", "words", "noted_by", "created_at"),
        *("withdrawn_at", "withdrawn_by", "settled_at", "settled_by"),
    )


@admin.register(PhotoRequest)
class PhotoRequestAdmin(WorkAdmin):
    """Links by which people are asked. Their tokens are not known to us."""

    list_display = ("label", "photo_set", "workspace", "created_by", "created_at", "expires_at", "revoked_at")
    list_filter = ("workspace",)
    list_select_related = ("photo_set", "workspace", "created_by")
    search_fields = ("label", "photo_set__name")
    fields = readonly_fields = (
        *("label", "workspace", "photo_set", "purpose", "agreed_until", "max_photos"),
        *("created_by", "created_at", "expires_at", "revoked_at"),
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

    @admin.display(description="Picture")
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


@admin.register(OrphanedFile)
class OrphanedFileAdmin(WorkAdmin):
    """Files that rows gave up. One that stands here for hours tells that the sweep cannot remove it."""

    list_display = ("name", "workspace", "created_at")
    list_select_related = ("workspace",)
    search_fields = ("name",)
