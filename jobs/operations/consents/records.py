"""What is on record about the people in a photo set: consents noted by the team, and how the set stands, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.formats import date_format

from dashboard.models import AuditEntry, User
from jobs import formats
from jobs.models import Consent, Photo, PhotoSet
from jobs.operations.consents.provenance import behind


@dataclass(frozen=True)
class Noted:
    """Who agreed, when, until when, and where that is written down."""

    person: str
    agreed_on: date
    agreed_until: date | None
    words: str


@transaction.atomic
def note(photo_set: PhotoSet, user: User, noted: Noted) -> Consent:
    """Note a consent, given on paper or in a talk, for all photos of the set that came by no link."""
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


@dataclass(frozen=True)
class ConsentState:
    """*tone* is good, warn, bad or info; *sentence* may be empty when there is nothing to say."""

    tone: str
    sentence: str


def consent_state(photo_set: PhotoSet, photos: Iterable[Photo]) -> ConsentState:
    """Who agreed to the photos of the set, and to those behind *photos* of it that were pictures, and whether that
    still counts."""
    own = list(photo_set.consents.standing().order_by("id"))
    return stated(photo_set, [*own, *(consent for consent in behind(photos) if consent not in own)])


def stated(photo_set: PhotoSet, consents: Sequence[Consent]) -> ConsentState:
    """The same, of consents that are loaded."""
    ended = [consent for consent in consents if consent.has_ended]
    if ended:
        names = [consent.person for consent in ended[:2]]
        if others := len(ended) - len(names):
            names.append(formats.counted(others, "other"))
        return ConsentState("bad", f"{' and '.join(names)} agreed until {_day(ended[0])}: that is over. Ask again.")
    if consents:
        said = [_agreed(consent) for consent in consents[:3]]
        if others := len(consents) - len(said):
            said.append(f"So did {formats.counted(others, 'other')}.")
        return ConsentState("good", " ".join(said))
    if photo_set.subject == PhotoSet.Subject.PERSON:
        return ConsentState("warn", "Nobody’s consent is noted for these photos.")
    return ConsentState("info", "")


def _agreed(consent: Consent) -> str:
    until = f", until {_day(consent)}" if consent.agreed_until else ""
    return f"{consent.person} agreed on {date_format(consent.agreed_on, 'j F Y')}{until}."


def _day(consent: Consent) -> str:
    return date_format(consent.agreed_until, "j F Y") if consent.agreed_until else ""
