"""What the frame around every page shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dashboard.access import memberships_of
from dashboard.models import Membership, Role, Workspace
from dashboard.monitoring.sources import alarms_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """The person's workspaces, read only when a template shows them, and what their role allows here."""
    membership: Membership | None = getattr(request, "membership", None)
    return {
        "workspaces": SimpleLazyObject(lambda: _workspaces(request)),
        "membership": membership,
        "may_edit": membership is not None and membership.may(Role.EDITOR),
        "may_admin": membership is not None and membership.may(Role.ADMIN),
        "alarms": SimpleLazyObject(lambda: _alarms(membership)),
        "is_owner": membership is not None and membership.may(Role.OWNER),
    }


def _alarms(membership: Membership | None) -> list[str]:
    """For those who can do something about it."""
    return alarms_of(membership.workspace) if membership is not None and membership.may(Role.ADMIN) else []


def _workspaces(request: HttpRequest) -> list[Workspace]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    known: list[Membership] | None = getattr(request, "memberships", None)
    return [membership.workspace for membership in (memberships_of(user) if known is None else known)]
