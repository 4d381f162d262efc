"""What the page of a set's captions shows."""

from dataclasses import dataclass

from jobs.forms.captions import PATTERNS, CaptionAllForm
from jobs.models import Photo, PhotoSet
from jobs.operations.providers import all_providers
from jobs.photos.captions import LONGEST, is_cut, suggested
from jobs.providers.base import Provider
from jobs.providers.order import OrderPhoto


@dataclass(frozen=True)
class Row:
    """One photo with its caption, and words that may be added."""

    photo: Photo
    suggestions: list[str]
    is_cut: bool
    """Whether the end of the caption is not read."""


def rows(photos: list[Photo]) -> list[Row]:
    """The *photos* of a set, which are in its order."""
    said = [photo.caption for photo in photos]
    return [
        Row(
            photo,
            suggested(photo.caption, said, photo.inspection or None, photo.crop_box),
            is_cut(photo.caption),
        )
        for photo in photos
    ]


def readers() -> str:
    """The names of the services that read captions, in a sentence."""
    named = [service.label for service in all_providers() if reads(service)]
    return (
        f"Of the services here, {' and '.join(named)} {'reads' if len(named) == 1 else 'read'} them." if named else ""
    )


def reads(service: Provider) -> bool:
    """Whether captions are sent to the *service*."""
    return bool(service.captions_file([OrderPhoto("photo.jpg", "a caption", "", bytes)]))


def page(photo_set: PhotoSet, form: CaptionAllForm) -> dict[str, object]:
    """The values of the page, with the *form* that captions all photos."""
    photos = list(photo_set.photos.ready().in_order())
    without = sum(not photo.caption for photo in photos)
    return {
        "photo_set": photo_set,
        "rows": rows(photos),
        "without": without,
        "readers": readers(),
        "longest": LONGEST,
        "form": form,
        "patterns": PATTERNS,
    }
