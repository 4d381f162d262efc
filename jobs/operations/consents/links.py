"""Links by which people without an account are asked for photos: made and taken back by the team, and answered.

Whoever answers agrees, sends photos and may take one back. What they agreed to is kept word for word.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from dashboard.models import AuditEntry, User
from jobs.models import Consent, Photo, PhotoRequest, PhotoSet
from jobs.operations.cleanup import retention
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit
from jobs.operations.photos.add_photo import Upload, add

CLOSED = "This link no longer takes photos. You can still withdraw with it."
WITHDRAWN = "You have withdrawn, so this link takes no more photos."
FULL = "This link has taken as many photos as it was made for."
USED = "This photo is being used already. To have everything deleted, withdraw."

MOST_OPEN = 50
"""So many links may be open for one set."""

_LEARNS = {
    PhotoSet.Subject.PERSON: "learns what you look like and can then make new pictures of you",
    PhotoSet.Subject.PET: "learns what your pet looks like and can then make new pictures of it",
    PhotoSet.Subject.OBJECT: "learns what the photos show and can then make new pictures of it",
    PhotoSet.Subject.STYLE: "learns the style of the photos and can then make new pictures in it",
}


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
    link = PhotoRequest(
        workspace=photo_set.workspace,
        photo_set=photo_set,
        created_by=user,
        label=asked.label,
        purpose=asked.purpose,
        agreed_until=asked.agreed_until,
        max_photos=asked.max_photos,
        expires_at=timezone.now() + timedelta(days=asked.days),
    )
    token = link.renew_token()
    link.save(force_insert=True)
    sentence = f"{user} made a link that asks {asked.label} for photos of {photo_set.name}."
    AuditEntry.note(photo_set.workspace, user, "photo_request.made", sentence)
    return link, token


@transaction.atomic
def take_back(photo_request: PhotoRequest, user: User) -> None:
    """Let the link take and show no more photos. Whoever answered it can still withdraw with it."""
    photo_request.workspace.lock()
    if PhotoRequest.objects.filter(pk=photo_request.pk, revoked_at=None).update(revoked_at=timezone.now()):
        if consent_of(photo_request) is not None:
            # Whoever has the link has the addresses of the pictures, too.
            photo_request.workspace.end_media_addresses()
            photo_request.workspace.raise_version()
        sentence = f"{user} took back the link that asks {photo_request.label} for photos."
        AuditEntry.note(photo_request.workspace, user, "photo_request.revoked", sentence)


def find(token: str) -> PhotoRequest | None:
    """The request that *token* opens: one that is open, or one that was answered, which opens for ever."""
    found = PhotoRequest.objects.with_token(token).select_related("workspace", "photo_set", "consent").first()
    if found is None:
        return None
    found.photo_set.workspace = found.workspace
    return found if found.is_open or consent_of(found) is not None else None


def consent_of(photo_request: PhotoRequest) -> Consent | None:
    """The consent that was given with the link, if any."""
    consent: Consent | None = getattr(photo_request, "consent", None)
    if consent is not None:
        consent.photo_request, consent.workspace = photo_request, photo_request.workspace
    return consent


def terms(photo_request: PhotoRequest) -> tuple[str, ...]:
    """What will happen with the photos, in sentences."""
    until, how_long = photo_request.agreed_until, "Your consent has no end date. It lasts until you withdraw it."
    if until is not None:
        how_long = f"Your consent lasts until {date_format(until, 'j F Y')}, or until you withdraw it."
    team, subject = photo_request.workspace.name, PhotoSet.Subject(photo_request.photo_set.subject)
    return (
        f"{team} uses your photos to train an image model: a program that {_LEARNS[subject]}.",
        f"People who work in {team} can see your photos and those pictures.",
        "Place, time and camera details are removed from every copy that is shown or sent on.",
        f"For the training, copies go to a training service that {team} works with.",
        how_long,
        f"You can withdraw at any time with this same link. Your photos are then deleted here, and {team} is told to "
        "delete the models and pictures made from them. Pictures that were already given to others cannot be called "
        "back.",
    )


def agreement(photo_request: PhotoRequest) -> str:
    """The sentence with the tick."""
    if photo_request.photo_set.subject == PhotoSet.Subject.PERSON:
        return "I am the person in the photos, or their parent or guardian, and I agree to this."
    return "I may decide about the photos I send, and I agree to this."


def as_agreed(photo_request: PhotoRequest) -> str:
    """Everything that was read, to be kept with the consent."""
    purpose = f"“{photo_request.purpose}”" if photo_request.purpose else ""
    return "\n".join(filter(None, (purpose, *terms(photo_request), agreement(photo_request))))


def agree(photo_request: PhotoRequest, person: str) -> Consent:
    """Take down that *person* agreed; agreeing twice is agreeing once. Raises NotPossible when the link has closed."""
    if not photo_request.is_open:
        raise NotPossible(CLOSED)
    try:
        with transaction.atomic():
            consent = Consent.objects.create(
                workspace=photo_request.workspace,
                photo_request=photo_request,
                person=person,
                agreed_on=timezone.localdate(),
                agreed_until=photo_request.agreed_until,
                words=as_agreed(photo_request),
            )
            consent.photo_sets.add(photo_request.photo_set)
            said = f"{person} agreed by the link for {photo_request.label} (photos of {photo_request.photo_set.name})."
            AuditEntry.note(photo_request.workspace, None, "consent.given", said)
            return consent
    except IntegrityError:
        # Sent twice at once: the other one was first.
        return Consent.objects.get(photo_request=photo_request)


def why_closed(consent: Consent) -> str:
    """Why the link takes no photo just now; empty when it does."""
    return _closed(consent) or (FULL if consent.places_left() <= 0 else "")


def _closed(consent: Consent) -> str:
    asked = consent.photo_request
    if consent.withdrawn_at is not None:
        return WITHDRAWN
    return CLOSED if asked is None or not asked.is_open else ""


def send(consent: Consent, upload: Upload) -> Photo:
    """Take a photo in that came by the link. Raises NotPossible with a sentence when it cannot be taken."""
    photo_request, closed = consent.photo_request, _closed(consent)
    if closed or photo_request is None:
        raise NotPossible(closed)
    return add(photo_request.photo_set, replace(upload, nonce=own_nonce(consent, upload.nonce)), consent)


def own_nonce(consent: Consent, nonce: str) -> str:
    """What a photo that came by the link keeps as its nonce: what the sender's page made up must not find what others
    sent to the same set."""
    return sha256(f"{consent.pk}:{nonce}".encode()).hexdigest()


def sender(consent: Consent) -> str:
    """What stands on the files that the person behind *consent* has not finished sending."""
    return f"link-{consent.photo_request_id}"


def remove(consent: Consent, photo: Photo) -> None:
    """Take one photo back, for good. Raises NotPossible once something was made of it."""
    with transaction.atomic():
        # An order takes its photos under the same lock: it either came before, and is found, or finds the photo gone.
        consent.workspace.lock()
        if photo.job_photos.exists():
            raise NotPossible(USED)
        edit.delete(photo)
        retention.clear_photos(consent.workspace, [photo])
