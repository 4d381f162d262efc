"""E-mails to people about what only they can put right. Pages say the same: an e-mail may get lost."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from dashboard.models import Role, Workspace
from jobs.models import ApiKey
from jobs.operations.jobs import sentences
from jobs.operations.leases import take
from jobs.operations.providers import provider

ONCE_IN = 7 * 24 * 3600.0
"""Seconds for which a second e-mail about the same thing is one too many."""

logger = logging.getLogger(__name__)


def key_rejected(key_id: int) -> None:
    """Let the owners know that a key is no longer accepted, unless it was replaced or revoked meanwhile."""
    rejected = ApiKey.objects.select_related("workspace").filter(health=ApiKey.Health.REJECTED, revoked_at=None)
    key = rejected.filter(pk=key_id).first()
    if key is None or take(f"told:rejected:{key.pk}:{key.secret_id}", ONCE_IN) is None:
        return
    page = f"{settings.PUBLIC_URL}{reverse('api_keys', args=[key.workspace.slug])}"
    said = sentences.key_rejected(provider(key.provider).label, key.label)
    notify_owners(key.workspace, "an API key is no longer accepted", f"{said}\n\n{page}\n")


def notify_owners(workspace: Workspace, subject: str, text: str) -> None:
    """Write to all owners of *workspace*; *subject* follows its name. A mail server that is away is only logged."""
    owners = workspace.memberships.filter(role=Role.OWNER, user__is_active=True)
    to = list(owners.values_list("user__email", flat=True))
    try:
        send_mail(" ".join(f"{workspace}: {subject}".split()), text, None, to)
    except (OSError, SMTPException):
        logger.warning("The mail server did not take an e-mail to the owners.", exc_info=True)
