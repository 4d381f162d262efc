"""Whether the server is well, for the person who looks after it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.monitoring import condition


@require_safe
@access.staff
def system(request: SignedInRequest) -> HttpResponse:
    """Processes, queues, what is due, room and versions, each in a sentence."""
    return render(request, "system/system.html", {"condition": condition.examine()})
