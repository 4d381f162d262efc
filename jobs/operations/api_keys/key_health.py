"""What answers to our questions say about an API key, and how long it rests."""

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from dashboard.models import AuditEntry
from jobs.models import ApiKey
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.jobs import sentences
from jobs.operations.providers import provider

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
        # Somebody else may have been told to rest the key since we asked; that counts.
        rested = Q(paused_until=None) | Q(paused_until__lte=Now())
        _as_opened(key).filter(rested).update(last_used_at=Now(), **fresh)


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
    """The provider does not accept the key: what needs it waits until it is replaced. The owners are told once."""
    was_accepted = _as_opened(key).exclude(health=ApiKey.Health.REJECTED)
    changes = {"health": ApiKey.Health.REJECTED, "last_result": sentence[:300], "last_used_at": Now()}
    with transaction.atomic():
        if was_accepted.update(**changes):
            AuditEntry.note(key.workspace, None, "key.rejected", sentences.key_rejected(_label(key), key.label))
            enqueue("tell_key_rejected", key.pk)


def out_of_credit(key: ApiKey, sentence: str) -> None:
    """The account has no tokens left."""
    _as_opened(key).update(health=ApiKey.Health.NO_CREDIT, last_result=sentence[:300], last_used_at=Now())


def _label(key: ApiKey) -> str:
    return provider(key.provider).label


def _as_opened(key: ApiKey) -> QuerySet[ApiKey]:
    """The key, unless it was replaced since we opened it: the answer is about its predecessor then."""
    return ApiKey.objects.filter(pk=key.pk, secret_id=key.secret_id)
