"""For how long what was deleted can be brought back."""

from django.conf import settings
from django.db.models import Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from jobs.operations.clock import in_seconds

TOO_LATE = "It is too late to bring this back: it was deleted for good."

RESTORABLE = Q(deleted_at__isnull=False, erase_at__gt=Now())
"""What was deleted and can still be brought back."""


def over() -> CombinedExpression:
    """The moment from which on what is deleted now cannot be brought back."""
    return in_seconds(settings.UNDO_HOURS * 3600)
