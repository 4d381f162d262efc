"""Whether this process lives and the installation can do its work: for people, supervisors and containers."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.monitoring import condition
from dashboard.monitoring.condition import seconds_since_heartbeat, worker_state
from dashboard.worker import broker


@require_safe
@access.staff
def system(request: SignedInRequest) -> HttpResponse:
    """Processes, queues, what is due, room and versions, each in a sentence."""
    return render(request, "system/system.html", {"condition": condition.examine()})


@require_safe
@never_cache
@access.everybody
def live(request: HttpRequest) -> JsonResponse:
    """The web server answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
@access.everybody
def ready(request: HttpRequest) -> JsonResponse:
    """Database, broker and worker, each `ok` or not; 503 when one is not."""
    try:
        seconds, database = seconds_since_heartbeat(), "ok"
    except DatabaseError:
        seconds, database = None, "away"
    report = {
        "database": database,
        "broker": "ok" if broker.answers() else "away",
        "worker": worker_state(seconds),
        "seconds_since_heartbeat": seconds,
    }
    is_well = report["database"] == report["broker"] == report["worker"] == "ok"
    return JsonResponse({"status": "ok" if is_well else "not ready", **report}, status=200 if is_well else 503)
