"""What answers to our questions say about an API key, and how long it rests."""

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.models import ApiKey
from jobs.operations.clock import in_seconds

FAILURES_TO_REST = 5
REST = 60.0
"""Seconds a key rests after so many failures in a row; then one question tries again."""
LONGEST_WAIT = 15 * 60.0


def worked(key: ApiKey) -> None:
    """The provider answered. Written only when it changes something, or once a minute."""
    healthy = key.health == ApiKey.Health.WORKING and key.failures_in_row == 0 and key.paused_until is None
    if healthy and not ApiKey.objects.filter(pk=key.pk, last_used_at__gt=in_seconds(-60)).exists():
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=Now())
    elif not healthy:
        fresh = {"health": ApiKey.Health.WORKING, "last_result": "", "failures_in_row": 0, "paused_until": None}
        _as_opened(key).update(last_used_at=Now(), **fresh)


def failed(key: ApiKey) -> None:
    """A question got no answer; five in a row and the key rests a minute."""
    ApiKey.objects.filter(pk=key.pk).update(failures_in_row=F("failures_in_row") + 1)
    tired = ApiKey.objects.filter(pk=key.pk, failures_in_row__gte=FAILURES_TO_REST)
    tired.update(paused_until=in_seconds(REST), last_result="Not answering; we try again every minute.")


def rest(key: ApiKey, seconds: float) -> float:
    """The provider wants to be left alone: nothing goes out with this key for the time returned, at most 15 minutes."""
    wait = LONGEST_WAIT if seconds > LONGEST_WAIT else seconds if seconds > 1.0 else 1.0
    ApiKey.objects.filter(pk=key.pk).update(paused_until=in_seconds(wait))
    return wait


def rejected(key: ApiKey, sentence: str) -> None:
    """The provider does not accept the key: what needs it waits until it is replaced."""
    _as_opened(key).update(health=ApiKey.Health.REJECTED, last_result=sentence[:300], last_used_at=Now())


def out_of_credit(key: ApiKey, sentence: str) -> None:
    """The account has no tokens left."""
    _as_opened(key).update(health=ApiKey.Health.NO_CREDIT, last_result=sentence[:300], last_used_at=Now())


def _as_opened(key: ApiKey) -> QuerySet[ApiKey]:
    """The key, unless it was replaced since we opened it: the answer is about its predecessor then."""
    return ApiKey.objects.filter(pk=key.pk, secret_id=key.secret_id)
