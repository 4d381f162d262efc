"""`{% at_a_glance %}`: the numbers on the admin panel's first page."""

from django import template

from jobs.admin.overview import Glance, glance

register = template.Library()


@register.inclusion_tag("admin/_at_a_glance.html")
def at_a_glance() -> dict[str, Glance]:
    """What there is, each number a link to its list."""
    return {"glance": glance()}
