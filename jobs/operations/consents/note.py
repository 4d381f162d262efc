"""A consent that was given on paper or in a talk, noted by the team for a whole set."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from dashboard.models import AuditEntry, User
from jobs.models import Consent, PhotoSet


@dataclass(frozen=True)
class Noted:
    """Who agreed, when, until when, and where that is written down."""

    person: str
    agreed_on: date
    agreed_until: date | None
    words: str


@transaction.atomic
def note(photo_set: PhotoSet, user: User, noted: Noted) -> Consent:
    """Note a consent for all photos of the set that came by no link."""
    consent = Consent.objects.create(
        workspace=photo_set.workspace,
        noted_by=user,
        person=noted.person,
        agreed_on=noted.agreed_on,
        agreed_until=noted.agreed_until,
        words=noted.words,
    )
    consent.photo_sets.add(photo_set)
    sentence = f"{user} noted that {noted.person} agreed to the photos of {photo_set.name}."
    AuditEntry.note(photo_set.workspace, user, "consent.noted", sentence)
    return consent
