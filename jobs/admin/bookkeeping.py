"""What the product keeps for itself: who works on what just now, and the practice provider's own records."""

from django.contrib import admin

from jobs.admin.work import WorkAdmin
from jobs.models import (
    Lease,
    PracticeRecord,
)


@admin.register(PracticeRecord)
class PracticeRecordAdmin(WorkAdmin):
    list_display = ("key", "account", "created_at")
    search_fields = ("key", "account")


@admin.register(Lease)
class LeaseAdmin(WorkAdmin):
    list_display = ("name", "holder", "until")
