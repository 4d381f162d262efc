"""What happened to jobs, of all of them together: attempts, callbacks and events, for reading only."""

from django.contrib import admin

from jobs.admin.work import WorkAdmin
from jobs.models import Attempt, Callback, JobEvent


@admin.register(Attempt)
class AttemptAdmin(WorkAdmin):
    """Without the callback token: only its SHA-256 is kept, and even that is not shown."""

    list_display = ("job", "number", "outcome", "provider_job_id", "created_at", "ended_at")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    search_fields = ("provider_job_id", "job__name")
    exclude = ("token_hash", "lent_hash")


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
