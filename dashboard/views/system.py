"""Whether the server is well, for the person who looks after it."""

import shutil

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.models import Heartbeat


@require_safe
@access.staff
def system(request: SignedInRequest) -> HttpResponse:
    """The database, the workers' last sign of life, and the space that is left."""
    context = {
        "database": connection.vendor,
        "heartbeats": Heartbeat.objects.order_by("-at")[:20],
        "disk": shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR),
        "bucket": settings.S3_BUCKET,
        "training_seconds": settings.PRACTICE_TRAINING_SECONDS,
    }
    return render(request, "system/system.html", context)
