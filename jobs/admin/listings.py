"""What jobs are made of and what they made, and what the product keeps for itself: listings to look at."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from jobs.admin.overview import WorkAdmin
from jobs.files import media
from jobs.models import (
    ApiKey,
    Checkpoint,
    Consent,
    GeneratedImage,
    KeySecret,
    Lease,
    OrphanedFile,
    Photo,
    PhotoRequest,
    PhotoSet,
    PracticeRecord,
)

KEY_TIMES = ("last_used_at", "paused_until", "added_by", "created_at", "replaced_at", "revoked_at")
PHOTO_TIMES = ("created_at", "next_action_at", "tries", "deleted_at")


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
