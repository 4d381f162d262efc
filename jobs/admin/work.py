"""What all pages about the work have in common."""

from django.contrib import admin

from dashboard.admin import ReadOnly


class WorkAdmin(ReadOnly, admin.ModelAdmin):
    """Newest first, and a million rows are not counted twice."""

    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
