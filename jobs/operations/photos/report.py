"""What the inspection found in a set's photos, worked out from what was measured."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.models import Photo, PhotoSet
from jobs.photos.inspection.findings import Seen
from jobs.photos.inspection.report import Report, report


@dataclass(frozen=True)
class Verdict:
    """A report in a few words and, where something hurts, a sentence on what."""

    score: str
    sentence: str
    hurts: bool


def report_on(photo_set: PhotoSet, photos: Iterable[Photo]) -> Report:
    """What was found in *photos*, which trainings get; those that nobody looked at yet are passed over."""
    seen = [
        Seen(
            id=photo.pk,
            name=photo.display_name,
            width=photo.width,
            height=photo.height,
            crop=photo.crop_box,
            measures=photo.inspection,
            kept=frozenset(photo.kept_anyway),
            is_person=photo_set.subject == PhotoSet.Subject.PERSON,
            sent=photo.sent_size,
        )
        for photo in photos
        if photo.inspection
    ]
    return report(seen)


def verdict(photo_set: PhotoSet, photos: Iterable[Photo]) -> Verdict | None:
    """How good *photos* of the set are to train on; None before anything was looked at."""
    found = report_on(photo_set, photos)
    titles = [finding.title.lower() for finding in found.findings if finding.hurts]
    if not found.seen:
        return None
    sentence = ", ".join(dict.fromkeys(titles)).capitalize()
    return Verdict(found.score, f"{sentence}." if sentence else "", bool(titles))
