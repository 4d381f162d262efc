"""The report card of a photo set: what was found in its photos, ready to be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobs.models import Photo, PhotoSet
from jobs.operations.photos.report import report_on
from jobs.photos.inspection.findings import SMALL_SIDE, Code, Finding
from jobs.photos.inspection.measures import Box
from jobs.photos.inspection.report import Report

FIRST = 4
"""So many findings are open to see."""
_LOOK_CLOSER = 0.3
"""The part of a photo's shorter side that is shown of one that is blurred."""
_ROOM = 0.5
"""What is shown around a face, in widths of the face."""


@dataclass(frozen=True)
class Picture:
    """A drawing of the problem, in pixels of the upright photo: what is *seen* of it, and what is *framed*."""

    file: str
    """Storage name of the picture."""
    width: int
    height: int
    seen: str
    """Left, top, width and height, as an SVG's `viewBox`."""
    framed: tuple[Box, ...] = ()


@dataclass(frozen=True)
class ShownFinding:
    """A finding with its photo, and the pictures that show it: two for a photo that repeats another."""

    finding: Finding
    photo: Photo
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class ReportCard:
    """A set's report, and how many of its photos nobody looked at yet."""

    report: Report
    shown: tuple[ShownFinding, ...]
    unseen: int
    left_out: int

    @property
    def first(self) -> tuple[ShownFinding, ...]:
        return self.shown[:FIRST]

    @property
    def others(self) -> tuple[ShownFinding, ...]:
        return self.shown[FIRST:]


def report_card(photo_set: PhotoSet, photos: Iterable[Photo]) -> ReportCard:
    """The report on those of *photos* that trainings get."""
    ready = [photo for photo in photos if photo.state == Photo.State.READY]
    used = [photo for photo in ready if photo.excluded_at is None]
    by_id = {photo.pk: photo for photo in used}
    found = report_on(photo_set, used)
    shown = tuple(
        ShownFinding(finding, by_id[finding.photo_id], _pictures(finding, by_id)) for finding in found.findings
    )
    return ReportCard(found, shown, sum(photo.inspection_due_at is not None for photo in used), len(ready) - len(used))


def _pictures(finding: Finding, photos: dict[int, Photo]) -> tuple[Picture, ...]:
    photo = photos[finding.photo_id]
    if finding.other_id is not None:
        return _whole(photos[finding.other_id]), _whole(photo)
    if finding.code is Code.BLURRED:
        return (_closer(photo, finding.boxes),)
    if finding.code is Code.SMALL:
        return (_in_a_square(photo),)
    return (_whole(photo, finding.boxes if finding.code not in (Code.DARK, Code.BRIGHT) else ()),)


def _whole(photo: Photo, boxes: Sequence[Box] = ()) -> Picture:
    width, height = photo.width, photo.height
    framed = tuple((box[0] * width, box[1] * height, box[2] * width, box[3] * height) for box in boxes)
    return Picture(photo.thumbnail, width, height, " ".join(map(str, _sent(photo))), tuple(map(_rounded, framed)))


def _closer(photo: Photo, boxes: Sequence[Box]) -> Picture:
    """A part of the photo as it was sent: its face, or its middle."""
    side = _LOOK_CLOSER * min(photo.width, photo.height)
    x, y = photo.width / 2, photo.height / 2
    if boxes:
        left, top, wide, high = boxes[0]
        x, y, side = (left + wide / 2) * photo.width, (top + high / 2) * photo.height, wide * photo.width * (1 + _ROOM)
    seen = f"{round(x - side / 2)} {round(y - side / 2)} {round(side)} {round(side)}"
    return Picture(photo.prepared, photo.width, photo.height, seen)


def _in_a_square(photo: Photo) -> Picture:
    """The photo beside the size that a model learns from."""
    left, top, width, height = _sent(photo)
    learnt = round(SMALL_SIDE * width / photo.sent_size[0])  # in pixels of the whole photo
    side = max(learnt, width, height)
    return Picture(
        photo.thumbnail,
        photo.width,
        photo.height,
        f"{left} {top} {side} {side}",
        ((left, top, learnt, learnt),),
    )


def _sent(photo: Photo) -> tuple[int, int, int, int]:
    """Left, top, width and height, in pixels, of the part that is sent."""
    left, top, width, height = photo.crop_box
    return (
        round(left * photo.width),
        round(top * photo.height),
        round(width * photo.width),
        round(height * photo.height),
    )


def _rounded(box: Box) -> Box:
    left, top, width, height = (round(value, 1) for value in box)
    return left, top, width, height
