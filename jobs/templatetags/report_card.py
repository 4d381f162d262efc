"""What a report says about one photo."""

from django import template

from jobs.pages.report_card import ReportCard
from jobs.photos.inspection.findings import Finding

register = template.Library()


@register.filter
def worst_about(card: ReportCard, photo_id: int) -> Finding | None:
    """The worst that was found about the photo: `{{ card|worst_about:photo.pk }}`."""
    return card.report.of(photo_id)
