"""The report card of a set: its findings, and in words whether it is good to train on."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.photos.inspection import alike
from jobs.photos.inspection.findings import Finding, Seen, findings, numbered

GOOD = "Good to go"


@dataclass(frozen=True)
class Report:
    """What was found in the photos of a set that trainings get."""

    findings: tuple[Finding, ...]
    """What hurts comes first, then in the order of the photos."""
    remarks: tuple[str, ...]
    """Sentences about the set as a whole."""
    seen: int
    """How many photos were looked at."""

    @property
    def hurting(self) -> int:
        """How many photos will hurt a training."""
        return len({finding.photo_id for finding in self.findings if finding.hurts})

    @property
    def score(self) -> str:
        """The set in a few words; empty before anything was looked at."""
        if not self.seen:
            return ""
        return f"{numbered(self.hurting, 'photo')} will hurt" if self.hurting else GOOD

    def of(self, photo_id: int) -> Finding | None:
        """The worst that was found about a photo."""
        return next((finding for finding in self.findings if finding.photo_id == photo_id), None)


def report(photos: Sequence[Seen]) -> Report:
    """Look at *photos*, which are in the order of the set."""
    places = {photo.id: place for place, photo in enumerate(photos)}
    found = [*(finding for photo in photos for finding in findings(photo)), *alike.duplicates(photos)]
    found.sort(key=lambda finding: (not finding.hurts, places[finding.photo_id]))
    return Report(tuple(found), tuple(_remarks(photos)), len(photos))


def _remarks(photos: Sequence[Seen]) -> list[str]:
    people = [photo for photo in photos if photo.is_person]
    behind = alike.same_background(people)
    worn = alike.same_clothes(people)
    if not behind and not worn:
        return []
    what = "background and the clothes are" if behind and worn else "background is" if behind else "clothes are"
    taken_for = "it" if behind and not worn else "them"
    return [f"The {what} the same in nearly all photos: the model will take {taken_for} for a part of the person."]
