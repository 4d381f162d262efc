"""`{% media name %}`: the address of a stored picture of the page's workspace."""

from typing import Any

from django import template

from jobs.files import media as addresses

register = template.Library()


@register.simple_tag(takes_context=True)
def media(context: dict[str, Any], name: str) -> str:
    """The signed address of the picture stored as *name*; empty when there is none yet."""
    return addresses.address(context["request"].workspace, name) if name else ""
