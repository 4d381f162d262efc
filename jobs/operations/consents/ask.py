"""Ask somebody without an account for photos: links are made, and taken back."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from dashboard.models import AuditEntry, User
from jobs.models import PhotoRequest, PhotoSet
from jobs.operations.errors import NotPossible

MOST_OPEN = 50
"""So many links may be open for one set."""


@dataclass(frozen=True)
class Asked:
    """What is asked of one person: *label* is the team's own word for them, *purpose* is shown to them."""

    label: str
    purpose: str
    agreed_until: date | None
    max_photos: int
    days: int


@transaction.atomic
def ask(photo_set: PhotoSet, user: User, asked: Asked) -> tuple[PhotoRequest, str]:
    """Make a link for *photo_set*, and return it with its token, which is kept nowhere."""
    if photo_set.photo_requests.open().count() >= MOST_OPEN:
        raise NotPossible(f"This set already has {MOST_OPEN} open links. Take back those that are not needed.")
    made = PhotoRequest(
        workspace=photo_set.workspace,
        photo_set=photo_set,
        created_by=user,
        label=asked.label,
        purpose=asked.purpose,
        agreed_until=asked.agreed_until,
        max_photos=asked.max_photos,
        expires_at=timezone.now() + timedelta(days=asked.days),
    )
    token = made.renew_token()
    made.save(force_insert=True)
    sentence = f"{user} made a link that asks {asked.label} for photos of {photo_set.name}."
    AuditEntry.note(photo_set.workspace, user, "photo_request.made", sentence)
    return made, token


@transaction.atomic
def take_back(photo_request: PhotoRequest, user: User) -> None:
    """Let the link take no more photos. Whoever answered it can still withdraw with it."""
    if PhotoRequest.objects.filter(pk=photo_request.pk, revoked_at=None).update(revoked_at=timezone.now()):
        sentence = f"{user} took back the link that asks {photo_request.label} for photos."
        AuditEntry.note(photo_request.workspace, user, "photo_request.revoked", sentence)
