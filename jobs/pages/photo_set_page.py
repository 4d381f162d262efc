"""What the page of a photo set shows, as a whole and when something changed."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from dashboard.access import MemberRequest
from jobs import page_polling
from jobs.models import Checkpoint, Photo, PhotoSet
from jobs.operations.consents.records import consent_state
from jobs.operations.photos.add_photo import Refusal
from jobs.pages.report_card import report_card

USES_SHOWN = 5
FEW, MANY = 5, 20
STYLE_FEW = 20


@dataclass(frozen=True)
class Tally:
    """How many of a set's photos are ready to be trained on, left out, waiting and refused."""

    ready: int
    left_out: int
    waiting: int
    refused: int

    @classmethod
    def of(cls, photos: Iterable[Photo]) -> "Tally":
        counted = Counter(
            "left out" if photo.excluded_at and photo.state == Photo.State.READY else photo.state for photo in photos
        )
        each = (Photo.State.READY, "left out", Photo.State.WAITING, Photo.State.REFUSED)
        return cls(*(counted[name] for name in each))


@dataclass(frozen=True)
class Use:
    """A *checkpoint* made from the set, and *before* which training the models page has to begin to show it."""

    checkpoint: Checkpoint
    before: int


def whole_page(request: MemberRequest, photo_set: PhotoSet, refusals: Iterable[Refusal] = ()) -> dict[str, object]:
    """The values of the page; *refusals* are about files that were just sent with it."""
    photos = list(photo_set.photos.present().in_order())
    jobs = photo_set.jobs.present().order_by("-id")
    models = Checkpoint.objects.filter(job__photo_set=photo_set, deleted_at=None).exclude(state__in=Checkpoint.GONE)
    newest = models.select_related("job").order_by("-id")[:USES_SHOWN]
    return {
        "photos": photos,
        "refusals": list(refusals),
        "consent": consent_state(photo_set, photos),
        "jobs": jobs[:USES_SHOWN],
        "job_count": jobs.count(),
        "models": [Use(checkpoint, checkpoint.job_id + 1) for checkpoint in newest],
        "model_count": models.count(),
        "next_position": max((photo.position for photo in photos), default=-1) + 1,
        "upload_nonce": secrets.token_urlsafe(16),
        "max_photo_mb": settings.MAX_PHOTO_MB,
        "max_zip_mb": settings.MAX_ZIP_MB,
        "max_photos": settings.MAX_PHOTOS_PER_SET,
        **_standing(request, photo_set, photos),
    }


def changed_parts(request: MemberRequest, photo_set: PhotoSet, photos: Iterable[Photo]) -> dict[str, object]:
    """The values of the fragments that show *photos* as they are now, with the counts around them."""
    present = list(photo_set.photos.present().in_order())
    return {"photos": list(photos), "unchanged": present, "oob": True, **_standing(request, photo_set, present)}


def _standing(request: MemberRequest, photo_set: PhotoSet, photos: Sequence[Photo]) -> dict[str, object]:
    tally, card = Tally.of(photos), report_card(photo_set, photos)
    busy = bool(tally.waiting or card.unseen or any(photo.crop_due_at for photo in photos))
    return {
        "card": card,
        "photo_set": photo_set,
        "tally": tally,
        "advice": advice(photo_set, tally),
        "may_delete": photo_set.may_be_deleted_by(request.membership),
        "poller": page_polling.poller(
            request, "photo_set_changes", photo_set.pk, since=request.workspace.version, busy=busy
        ),
    }


def advice(photo_set: PhotoSet, tally: Tally) -> str:
    """One sentence on whether these are enough photos; empty when there is nothing to say."""
    few = STYLE_FEW if photo_set.subject == PhotoSet.Subject.STYLE else FEW
    if 0 < tally.ready + tally.waiting < few:
        missing = few - tally.ready - tally.waiting
        return f"Add {missing} more: {few} photos are the least that give a good likeness."
    if tally.ready > MANY and photo_set.subject != PhotoSet.Subject.STYLE:
        return "More photos are not always better: ten to fifteen varied ones are enough."
    return ""
