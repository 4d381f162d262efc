"""Whether this process lives and the installation can do its work: for people, supervisors and containers."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import access, vault
from dashboard.access import SignedInRequest
from dashboard.models import Heartbeat
from dashboard.monitoring import condition
from dashboard.monitoring.condition import Signs, signs_of_life
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
    """Database, master keys, broker, worker and sweep, each `ok` or not; 503 when one is not. Also how far clocks are
    apart."""
    signs: Signs | None
    try:
        signs, database, missing = signs_of_life(), "ok", vault.missing_master_keys()
    except DatabaseError:
        signs, database, missing = None, "away", []
    report = {
        "database": database,
        "master_keys": f"missing: {', '.join(missing)}" if missing else "ok",
        "broker": "ok" if broker.answers() else "away",
        "worker": signs.state(signs.newest_worker) if signs else "never seen",
        "sweep": signs.state(signs.of(Heartbeat.SWEEP)) if signs else "never seen",
    }
    is_well = set(report.values()) == {"ok"}
    apart = max((abs(ahead) for _, ahead in signs.clocks_off), default=0.0) if signs else 0.0
    more = {
        "clocks": f"{apart:.0f} s apart" if apart else "ok",
        "seconds_since_heartbeat": signs.seconds_since(signs.newest_worker) if signs else None,
    }
    return JsonResponse({"status": "ok" if is_well else "not ready", **report, **more}, status=200 if is_well else 503)
