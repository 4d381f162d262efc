"""What templates of the work need: addresses of pictures, ideas for prompts, what a report says of a photo."""

from typing import Any

from django import template

from dashboard.models import Workspace
from jobs.files import media as addresses
from jobs.forms import ideas as suggested
from jobs.pages.report_card import ReportCard
from jobs.photos.inspection.findings import Finding

register = template.Library()


@register.simple_tag(takes_context=True)
def media(context: dict[str, Any], name: str) -> str:
    """The signed address of the picture of the page's workspace stored as *name*; empty when there is none yet."""
    return addresses.address(context["request"].workspace, name) if name else ""


@register.simple_tag
def media_of(workspace: Workspace, name: str) -> str:
    """The same, on pages that belong to no workspace."""
    return addresses.address(workspace, name) if name else ""


@register.inclusion_tag("jobs/_ideas.html")
def ideas(goal: str, start: str = "") -> dict[str, object]:
    """Buttons that add a line each: `{% ideas "pet" %}`; with *start*, what a whole prompt begins with."""
    return {"ideas": suggested.ideas(goal), "start": start}


@register.filter
def worst_about(card: ReportCard, photo_id: int) -> Finding | None:
    """The worst that was found about the photo: `{{ card|worst_about:photo.pk }}`."""
    return card.report.of(photo_id)
