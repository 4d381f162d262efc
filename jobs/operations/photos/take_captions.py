"""Take captions from text files that are named as photos: of the captions page, of a folder, of a zip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jobs.files import sidecars
from jobs.files.sidecars import Sidecar
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import caption_photo

NO_PHOTO = "No photo here has this name."


@dataclass(frozen=True)
class Matched:
    """The captions of text files by the ids of the photos they belong to, and which files are of no use, and why."""

    captions: dict[int, str] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def matched(photos: Sequence[Photo], found: Iterable[Sidecar]) -> Matched:
    """The text files *found*, matched with *photos* by their names. Raises what reading the files raises."""
    told, stems = Matched(), sidecars.stems([photo.display_name for photo in photos])
    by_name = {sidecars.key(stem): photo.pk for stem, photo in zip(stems, photos, strict=True)}
    for one in found:
        photo = by_name.get(sidecars.key(one.stem))
        if one.wrong or photo is None:
            told.wrong.append((one.name, one.wrong or NO_PHOTO))
        else:
            told.captions[photo] = one.caption
    return told


def take(photo_set: PhotoSet, sidecar: Sidecar) -> None:
    """Caption the photo of the set that *sidecar* is named after. Raises NotPossible when it is of no use."""
    told = matched(list(photo_set.photos.usable().in_order()), [sidecar])
    if told.wrong:
        raise NotPossible(told.wrong[0][1])
    caption_photo.caption_all(photo_set, told.captions)
