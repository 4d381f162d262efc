"""What somebody without an account does with a link: agree, send photos, take one back."""

from dataclasses import replace
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.models import Consent, Job, Photo, PhotoRequest
from jobs.operations.cleanup import retention
from jobs.operations.consents import wording
from jobs.operations.errors import NotPossible
from jobs.operations.photos import delete_photo
from jobs.operations.photos.add_photo import Upload, add

CLOSED = "This link no longer takes photos. You can still look at yours and withdraw."
WITHDRAWN = "You have withdrawn, so this link takes no more photos."
FULL = "This link has taken as many photos as it was made for."
USED = "This photo is being used already. To have everything deleted, withdraw."


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


def agree(photo_request: PhotoRequest, person: str) -> Consent:
    """Take down that *person* agreed; agreeing twice is agreeing once. Raises NotPossible when the link has closed."""
    if not photo_request.is_open:
        raise NotPossible(CLOSED)
    try:
        with transaction.atomic():
            return _agree(photo_request, person)
    except IntegrityError:
        # Sent twice at once: the other one was first.
        return Consent.objects.get(photo_request=photo_request)


def _agree(photo_request: PhotoRequest, person: str) -> Consent:
    consent = Consent.objects.create(
        workspace=photo_request.workspace,
        photo_request=photo_request,
        person=person,
        agreed_on=timezone.localdate(),
        agreed_until=photo_request.agreed_until,
        words=wording.as_agreed(photo_request),
    )
    consent.photo_sets.add(photo_request.photo_set)
    said = f"{person} agreed by the link for {photo_request.label} (photos of {photo_request.photo_set.name})."
    AuditEntry.note(photo_request.workspace, None, "consent.given", said)
    return consent


def why_not(consent: Consent) -> str:
    """Why the link takes no photo just now; empty when it does."""
    return _why_closed(consent) or (FULL if consent.places_left() <= 0 else "")


def _why_closed(consent: Consent) -> str:
    asked = consent.photo_request
    if consent.withdrawn_at is not None:
        return WITHDRAWN
    return CLOSED if asked is None or not asked.is_open else ""


def send(consent: Consent, upload: Upload) -> Photo:
    """Take a photo in that came by the link. Raises NotPossible with a sentence when it cannot be taken."""
    photo_request, closed = consent.photo_request, _why_closed(consent)
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
        jobs = Job.objects.filter(workspace=consent.workspace_id).exclude(photo_ids=[])
        if any(photo.pk in used for used in jobs.values_list("photo_ids", flat=True)):
            raise NotPossible(USED)
        delete_photo.delete(photo)
        retention.clear_photos(consent.workspace, [photo])
