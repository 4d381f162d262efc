"""Ideas beside the field for prompts."""

from django import template

from jobs.forms import ideas as suggested

register = template.Library()


@register.inclusion_tag("jobs/_ideas.html")
def ideas(goal: str, start: str = "") -> dict[str, object]:
    """Buttons that add a line each: `{% ideas "pet" %}`; with *start*, what a whole prompt begins with."""
    return {"ideas": suggested.ideas(goal), "start": start}
