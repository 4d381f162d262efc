"""The report card of a set: what is wrong with its photos, one by one and together, in words for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.photos.inspection.findings import Code, Finding, Seen, findings, numbered

GOOD = "Good to go"
MOST_BITS = 10
"""Of the 64 bits of their hashes, so many may differ between two photos of the same moment."""
MOST_COLOUR = 11.0
"""And so far may their tiny pictures' colours be apart on average, of 255."""
FEWEST = 5
"""Photos from which one can say that something is always the same."""
_SAME_COLOURS = 55
"""Hundredths of two regions that have the same colours."""
_MOSTLY = 0.75


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
    found = [*(finding for photo in photos for finding in findings(photo)), *duplicates(photos)]
    found.sort(key=lambda finding: (not finding.hurts, places[finding.photo_id]))
    people = [photo for photo in photos if photo.is_person]
    behind, worn = same_background(people), same_clothes(people)
    remarks = []
    if behind or worn:
        what = "background and the clothes are" if behind and worn else "background is" if behind else "clothes are"
        it = "it" if behind and not worn else "them"
        remarks = [f"The {what} the same in nearly all photos: the model will take {it} for a part of the person."]
    return Report(tuple(found), tuple(remarks), len(photos))


def duplicates(photos: Sequence[Seen]) -> list[Finding]:
    """A finding for each photo that repeats a better one of *photos*."""
    best_first = sorted(photos, key=_quality, reverse=True)
    fingerprints = [(int(photo.measures["phash"], 16), bytes.fromhex(photo.measures["tiny"])) for photo in best_first]
    found: dict[int, Finding] = {}
    for place, photo in enumerate(best_first):
        if Code.DUPLICATE.value in photo.kept:
            continue
        for earlier, better in enumerate(best_first[:place]):
            if better.id not in found and _is_repeated(fingerprints[place], fingerprints[earlier]):
                sentence = f"It is almost the same as {better.name}; one of the two is enough."
                found[photo.id] = Finding(photo.id, Code.DUPLICATE, "Almost the same", sentence, other_id=better.id)
                break
    return list(found.values())


def same_background(photos: Sequence[Seen]) -> bool:
    """Whether nearly all of *photos* were taken in front of the same colours."""
    return _is_mostly_same([photo.measures["background"] for photo in photos])


def same_clothes(photos: Sequence[Seen]) -> bool:
    """Whether the same clothes are worn in nearly all of *photos*."""
    return _is_mostly_same([photo.measures["clothes"] for photo in photos])


def _quality(photo: Seen) -> tuple[float, int]:
    """What makes one of two equal photos the better one: its size, in steps, and then that it came first."""
    width, height = photo.sent_size
    return round(width * height / 100_000), -photo.id


def _is_repeated(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    if (one[0] ^ other[0]).bit_count() > MOST_BITS:
        return False
    apart: int = sum(abs(mine - yours) for mine, yours in zip(one[1], other[1], strict=True))
    return apart <= len(one[1]) * MOST_COLOUR


def _is_mostly_same(regions: Sequence[list[int]]) -> bool:
    """Compared with the set's average, so that the work grows with the number of photos and not with its square."""
    known = [region for region in regions if region]
    if len(known) < FEWEST or len(known) < _MOSTLY * len(regions):
        return False
    average: list[float] = [sum(shares) / len(known) for shares in zip(*known, strict=True)]
    shared = [sum(min(pair) for pair in zip(region, average, strict=True)) for region in known]
    return sum(share >= _SAME_COLOURS for share in shared) >= _MOSTLY * len(known)
