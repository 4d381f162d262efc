"""Add a photo to a set: look at its first bytes, store it as it came, leave the rest to the background."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.db import IntegrityError, transaction

from jobs.files import storage
from jobs.models import Consent, GeneratedImage, Photo, PhotoSet
from jobs.operations.cleanup import orphans
from jobs.operations.enqueue import enqueue
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit
from jobs.operations.photos.counts import recount
from jobs.photos import sniff
from jobs.photos.captions import is_seen

MEGABYTE = 1 << 20
WITHDRAWN = "The photos behind this picture were withdrawn just now."
NO_SPACE = "There is no room left to store photos. Tell whoever looks after this server."


class TooLargePhoto(NotPossible):
    """The file is over the limit."""

    @classmethod
    def over(cls, megabytes: int) -> "TooLargePhoto":
        return cls(f"This file is larger than {megabytes} MB. Save a smaller copy and send that.")


class KnownPhoto(NotPossible):
    """The set has the very same file already, as *photo*."""

    def __init__(self, photo: Photo) -> None:
        super().__init__(f"This photo is here already, as {photo.display_name}.")
        self.photo = photo


class NoRoom(NotPossible):
    """There is no place, or no space on the disk, for this photo and for any other."""


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken: its *name*, and the *sentence* that says why."""

    name: str
    sentence: str
    is_known: bool = False
    """Whether nothing is missing, because the set has the very same file already."""
    is_too_large: bool = False

    @classmethod
    def of(cls, name: str, problem: NotPossible) -> "Refusal":
        known, too_large = isinstance(problem, KnownPhoto), isinstance(problem, TooLargePhoto)
        return cls(shown_name(name), problem.sentence, known, too_large)


@dataclass(frozen=True)
class Upload:
    """One file as it arrives: the *nonce* that tells whether it came before, *name*, *size* in bytes, *chunks*."""

    nonce: str
    name: str
    size: int
    chunks: Iterable[bytes]
    position: int = 0
    """Its place among the photos of the set; photos of the same place stand in the order in which they came."""
    caption: str = ""
    """What the text file beside it says."""


def add(
    photo_set: PhotoSet, upload: Upload, consent: Consent | None = None, picked_from: GeneratedImage | None = None
) -> Photo:
    """The photo that *upload* becomes; the same photo when it came before. *consent* is what it was sent with,
    *picked_from* the image that it is a copy of.

    Raises NotPossible with a sentence when the file is no photo we take, the set is full, or there is no room.
    """
    existing = photo_set.photos.filter(upload_nonce=upload.nonce).first()
    if existing is not None:
        return existing
    _check_room(photo_set, consent, adding=1)
    limit_bytes = settings.MAX_PHOTO_MB * MEGABYTE
    if upload.size > limit_bytes:
        raise TooLargePhoto.over(settings.MAX_PHOTO_MB)
    chunks = iter(upload.chunks)
    first = next(chunks, b"")
    check_head(first)
    try:
        with storage.receive(photo_set.workspace_id, "originals", "", limit_bytes) as sink:
            for chunk in chain([first], chunks):
                sink.write(chunk)
            stored = sink.commit()
    except storage.Full:
        raise NoRoom(NO_SPACE) from None
    try:
        return _insert(photo_set, upload, stored, consent, picked_from)
    except IntegrityError:
        # The same file was sent twice at once, and the other one was first.
        return photo_set.photos.get(upload_nonce=upload.nonce)
    except NotPossible as problem:
        orphans.add(photo_set.workspace_id, [stored.name])
        if isinstance(problem, KnownPhoto) and upload.caption:
            edit.caption_if_empty(problem.photo, upload.caption)
        raise


def shown_name(name: str) -> str:
    """*name* as it can be shown anywhere: composed, without control characters or marks that turn text around."""
    printable = "".join(sign for sign in name if is_seen(sign))
    return unicodedata.normalize("NFC", printable).strip()[-255:] or "Photo"


def _check_room(photo_set: PhotoSet, consent: Consent | None, adding: int) -> None:
    if consent is not None and consent.places_left() < adding:
        raise NoRoom("This link has taken as many photos as it was made for.")
    limit = settings.MAX_PHOTOS_PER_SET
    if photo_set.photos.usable().count() + adding > limit:
        raise NoRoom(f"This set already has {limit} photos, which is as many as a set can have.")


def check_head(head: bytes) -> None:
    """Raises NotPossible when a file that begins with *head* is no photo we take."""
    if sniff.kind_of(head[: sniff.HEAD_BYTES]) is None:
        raise NotPossible(sniff.refusal_of(head[: sniff.HEAD_BYTES]))


@transaction.atomic
def _insert(
    photo_set: PhotoSet,
    upload: Upload,
    stored: storage.Stored,
    consent: Consent | None,
    picked_from: GeneratedImage | None,
) -> Photo:
    photo = photo_set.photos.create(
        consent=consent,
        picked_from=picked_from,
        workspace_id=photo_set.workspace_id,
        upload_nonce=upload.nonce,
        position=upload.position,
        display_name=shown_name(upload.name),
        caption=upload.caption,
        original=stored.name,
        original_bytes=stored.size,
        original_sha256=stored.sha256,
    )
    recount(photo_set.workspace, photo_set.pk, photo.pk)
    # The version's lock lets one upload through at a time, so the last free place is given once.
    _check_room(photo_set, consent, adding=0)
    same = photo_set.photos.usable().filter(original_sha256=stored.sha256).exclude(pk=photo.pk)
    # Whoever sends by a link learns nothing of others' photos.
    visible = same if consent is None else same.filter(consent=consent)
    if (known := visible.order_by("id").first()) is not None:
        raise KnownPhoto(known)
    # Under the same lock: whoever withdraws flags an image's job first, and then looks for copies.
    if picked_from is not None and not GeneratedImage.objects.to_pick().filter(pk=picked_from.pk).exists():
        raise NotPossible(WITHDRAWN)
    enqueue("take_in_photo", photo.pk)
    return photo
