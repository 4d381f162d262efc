"""What jobs made, and what the product keeps for itself: leases, files to remove, the practice service's records."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from jobs.admin.overview import WorkAdmin
from jobs.files import media
from jobs.models import (
    Checkpoint,
    GeneratedImage,
    Lease,
    OrphanedFile,
    PracticeRecord,
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
