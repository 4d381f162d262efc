"""How well an API key works: what answers to our questions say of it, and a test that costs nothing.

A circuit breaker stands on the key's row: `failures_in_row` opens it, `paused_until` says for how long.
"""

import logging
from dataclasses import replace
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from dashboard.models import AuditEntry, Role, User
from jobs.models import ApiKey
from jobs.operations.api_keys.keys import SubmittedOptions, credentials, open_secrets
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.jobs import sentences
from jobs.operations.leases import take
from jobs.operations.providers import provider
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import KeyRefused, NoCredit, ProviderError, Unavailable
from jobs.providers.reply import KeyReport

FAILURES_TO_OPEN = 3
"""So many failures in a row open the circuit: nothing goes out with the key for a while."""
OPEN_SECONDS = 60.0
"""Then it is half open: the next question, or one order alone, tries again; one more failure opens it once more."""
LONGEST_WAIT = 15 * 60.0
ONCE_IN = 7 * 24 * 3600.0
"""Seconds for which a second e-mail about the same thing is one too many."""

logger = logging.getLogger(__name__)


def succeeded(key: ApiKey) -> None:
    """The provider answered. Written only when it changes something, or once a minute."""
    healthy = key.health == ApiKey.Health.WORKING and key.failures_in_row == 0 and key.paused_until is None
    if healthy and not ApiKey.objects.filter(pk=key.pk, last_used_at__gt=in_seconds(-60)).exists():
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=Now())
    elif not healthy:
        fresh = {"health": ApiKey.Health.WORKING, "last_result": "", "failures_in_row": 0, "paused_until": None}
        # Somebody else may have been told to leave the provider alone since we asked; that counts.
        is_closed = Q(paused_until=None) | Q(paused_until__lte=Now())
        _as_opened(key).filter(is_closed).update(last_used_at=Now(), **fresh)


def failed(key: ApiKey) -> None:
    """A question or an order got no answer; three in a row open the circuit for a minute."""
    ApiKey.objects.filter(pk=key.pk).update(failures_in_row=F("failures_in_row") + 1)
    broken = ApiKey.objects.filter(pk=key.pk, failures_in_row__gte=FAILURES_TO_OPEN)
    broken.update(paused_until=in_seconds(OPEN_SECONDS), last_result="Not answering; we try again every minute.")


def answered(key: ApiKey) -> None:
    """The provider said something to an order, and be it no: it is there again."""
    ApiKey.objects.filter(pk=key.pk, failures_in_row__gt=0).update(failures_in_row=0)


def back_off(key: ApiKey, seconds: float) -> float:
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
            said = sentences.key_rejected(provider(key.provider).label, key.label)
            AuditEntry.note(key.workspace, None, "key.rejected", said)
            enqueue("email_key_rejected", key.pk)


def email_owners(key_id: int) -> None:
    """Let the owners know that a key is no longer accepted, unless it was replaced or revoked meanwhile.

    Pages say the same: an e-mail may get lost, and a mail server that is away is only logged.
    """
    found = ApiKey.objects.select_related("workspace").filter(health=ApiKey.Health.REJECTED, revoked_at=None)
    key = found.filter(pk=key_id).first()
    if key is None or take(f"told:rejected:{key.pk}:{key.secret_id}", ONCE_IN) is None:
        return
    page = f"{settings.PUBLIC_URL}{reverse('api_keys', args=[key.workspace.slug])}"
    said = sentences.key_rejected(provider(key.provider).label, key.label)
    subject = " ".join(f"{key.workspace}: an API key is no longer accepted".split())
    owners = key.workspace.memberships.filter(role=Role.OWNER, user__is_active=True)
    try:
        send_mail(subject, f"{said}\n\n{page}\n", None, list(owners.values_list("user__email", flat=True)))
    except (OSError, SMTPException):
        logger.warning("The mail server did not take an e-mail to the owners.", exc_info=True)


def out_of_credit(key: ApiKey, sentence: str) -> None:
    """The account has no tokens left."""
    _as_opened(key).update(health=ApiKey.Health.NO_CREDIT, last_result=sentence[:300], last_used_at=Now())


def _as_opened(key: ApiKey) -> QuerySet[ApiKey]:
    """The key, unless it was replaced since we opened it: the answer is about its predecessor then."""
    return ApiKey.objects.filter(pk=key.pk, secret_id=key.secret_id)


def refusal(provider_slug: str, secret_text: str, submitted: SubmittedOptions) -> KeyReport | None:
    """Why the provider does not accept this key, which is not stored yet; None when nobody says so."""
    return _refusal(
        provider_slug, Credentials("untold", Secret(secret_text), dict(submitted.options), dict(submitted.secrets))
    )


def refusal_of_other(key: ApiKey, user: User, secret_text: str) -> KeyReport | None:
    """Why the provider does not accept another key in the place of *key*; None when nobody says so."""
    further = open_secrets(key, "test", user)
    return _refusal(key.provider, Credentials("untold", Secret(secret_text), dict(key.options), further))


def refusal_of_change(key: ApiKey, user: User, submitted: SubmittedOptions) -> KeyReport | None:
    """Why the provider would not accept *key* with what is *submitted* instead; None when nobody says so."""
    now = credentials(key, "test", user)
    kept = {name: secret for name, secret in now.secrets.items() if name not in submitted.forgotten}
    return _refusal(key.provider, replace(now, options=dict(submitted.options), secrets=kept | dict(submitted.secrets)))


def _refusal(provider_slug: str, opened: Credentials) -> KeyReport | None:
    try:
        report = provider(provider_slug).test_key(opened)
    except KeyRefused as error:
        return KeyReport(ok=False, sentence=error.sentence)
    except ProviderError:
        return None
    return None if report.ok else report


def test(key: ApiKey, user: User) -> KeyReport:
    """Try the key as it is now by a call that costs nothing, and keep what came of it."""
    key = ApiKey.objects.get(pk=key.pk)
    try:
        report = provider(key.provider).test_key(credentials(key, "test", user))
    except ProviderError as error:
        said = error.sentence
        if isinstance(error, Unavailable):
            said += (
                " That says nothing about the key: test it again in a minute. Until then other keys are offered first."
            )
        report, now = KeyReport(ok=False, sentence=said), key.health
        # An answer that says nothing about the key leaves its health as it was.
        if isinstance(error, KeyRefused):
            now = ApiKey.Health.REJECTED
        elif isinstance(error, NoCredit):
            now = ApiKey.Health.NO_CREDIT
    else:
        now = ApiKey.Health.WORKING if report.ok else ApiKey.Health.REJECTED
    changes = {"health": now, "last_result": report.sentence[:300], "last_used_at": timezone.now()}
    if report.ok:
        changes |= {"paused_until": None, "failures_in_row": 0}
    # A key that was replaced while its predecessor was tried keeps its own, untested state.
    _as_opened(key).update(**changes)
    return report
