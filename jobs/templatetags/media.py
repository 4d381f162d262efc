"""`{% media name %}`: the address of a stored picture of the page's workspace; `{% media_of workspace name %}`."""

from typing import Any

from django import template

from dashboard.models import Workspace
from jobs.files import media as addresses

register = template.Library()


@register.simple_tag(takes_context=True)
def media(context: dict[str, Any], name: str) -> str:
    """The signed address of the picture stored as *name*; empty when there is none yet."""
    return addresses.address(context["request"].workspace, name) if name else ""


@register.simple_tag
def media_of(workspace: Workspace, name: str) -> str:
    """The same, on pages that belong to no workspace."""
    return addresses.address(workspace, name) if name else ""
