"""Who agreed, which links ask for photos, and files that wait to be removed."""

from django.contrib import admin

from jobs.admin.work import WorkAdmin
from jobs.models import Consent, OrphanedFile, PhotoRequest


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


@admin.register(OrphanedFile)
class OrphanedFileAdmin(WorkAdmin):
    """Files that rows gave up. One that stands here for hours tells that the sweep cannot remove it."""

    list_display = ("name", "workspace", "created_at")
    list_select_related = ("workspace",)
    search_fields = ("name",)
