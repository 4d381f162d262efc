"""How long a key rests, however busy the machine is."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from jobs.models import ApiKey

_ROUNDED = timedelta(seconds=0.1)


def rests(until: datetime, begun: datetime, least: float, most: float) -> bool:
    """Whether somebody who decided between *begun* and now to rest for *least* to *most* seconds rests *until* then."""
    return begun + timedelta(seconds=least) - _ROUNDED <= until <= timezone.now() + timedelta(seconds=most) + _ROUNDED


def rest_on() -> None:
    """Let keys that rest do so for a minute more, so that they still do when the test goes on."""
    ApiKey.objects.update(paused_until=F("paused_until") + timedelta(minutes=1))
