"""How often the report card is right about photos whose faults are known.

    python -m tests.benchmarks.report_card [--photos N] [--seed S]

Makes N photos without a fault, traps among them, and half as many with each fault; prints precision and recall for
each fault, and exits with 1 where one of them is below 0.9. The photos of one seed are always the same.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.photos.inspection.findings import Code, Seen
from jobs.photos.inspection.measure import measured
from jobs.photos.inspection.report import report
from jobs.photos.intake import face_detector
from tests.photos.labelled import Fault, Labelled, faulty, scenes

FAULTS: tuple[Fault, ...] = ("blur", "exposure", "size", "duplicates")
TOLD: dict[Code, Fault] = {
    Code.BLURRED: "blur",
    Code.DARK: "exposure",
    Code.BRIGHT: "exposure",
    Code.SMALL: "size",
    Code.DUPLICATE: "duplicates",
}
LEAST = 0.9
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Score:
    """Of the photos with one fault: how many were found, missed, and how many others were taken for one."""

    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / ((self.found + self.wrong) or 1)

    @property
    def recall(self) -> float:
        return self.found / ((self.found + self.missed) or 1)


def labelled(seed: int, count: int) -> Iterator[Labelled]:
    """*count* photos without a fault, and half as many with each."""
    yield from scenes(seed, count)
    for fault in FAULTS:
        yield from faulty(seed, count // 2, fault)


def judged(photos: Iterable[Labelled]) -> tuple[dict[Fault, Score], list[str]]:
    """The score for each fault, and a line on each photo that was judged wrongly."""
    photos = list(photos)
    ids = {photo.name: number for number, photo in enumerate(photos)}
    told: dict[int, set[Fault]] = {number: set() for number in ids.values()}
    seen = [_seen(number, photo) for number, photo in enumerate(photos)]
    for finding in report(seen).findings:
        fault = TOLD.get(finding.code)
        if fault:
            pair = (finding.photo_id, finding.other_id)
            told[_repeating(photos, ids, pair) if fault == "duplicates" else finding.photo_id].add(fault)
    outcomes = Counter(_outcomes(photos, told))
    mistakes = [f"{photo.name}: {sorted(told[ids[photo.name]])}" for photo in photos if _is_mistake(photo, told, ids)]
    return {
        fault: Score(*(outcomes[fault, kind] for kind in ("found", "missed", "wrong"))) for fault in FAULTS
    }, mistakes


def _seen(number: int, photo: Labelled) -> Seen:
    measures = measured(photo.image.convert("RGB"), WHOLE, face_detector())
    return Seen(number, photo.name, *photo.image.size, WHOLE, measures, is_person=False)


def _repeating(photos: list[Labelled], ids: dict[str, int], pair: tuple[int, int | None]) -> int:
    """Of two photos that are found alike, the one that was made to be: either may be the better one."""
    first, second = pair
    return second if second is not None and photos[second].of and ids[photos[second].of] == first else first


def _outcomes(photos: list[Labelled], told: dict[int, set[Fault]]) -> Iterator[tuple[Fault, str]]:
    for number, photo in enumerate(photos):
        for fault in FAULTS:
            if photo.fault == fault:
                yield fault, "found" if fault in told[number] else "missed"
            elif fault in told[number] and not _is_inherited(photo, fault):
                yield fault, "wrong"


def _is_inherited(photo: Labelled, fault: Fault) -> bool:
    """A repeated photo has what the photo has that it repeats."""
    return photo.fault == "duplicates" and fault != "duplicates"


def _is_mistake(photo: Labelled, told: dict[int, set[Fault]], ids: dict[str, int]) -> bool:
    expected = {photo.fault} if photo.fault else set()
    return {fault for fault in told[ids[photo.name]] if not _is_inherited(photo, fault)} != expected


def table(scores: dict[Fault, Score]) -> str:
    """*scores* as lines of text."""
    lines = [f"{'fault':<12}{'precision':>10}{'recall':>8}{'found':>7}{'missed':>8}{'wrong':>7}"]
    for fault, score in scores.items():
        counted = f"{score.found:>7}{score.missed:>8}{score.wrong:>7}"
        lines.append(f"{fault:<12}{score.precision:>10.3f}{score.recall:>8.3f}{counted}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.report_card", description=__doc__)
    parser.add_argument("--photos", type=int, default=120, help="how many without a fault (default: 120)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    scores, mistakes = judged(labelled(options.seed, options.photos))
    print(table(scores), *mistakes, sep="\n")
    sys.exit(any(min(score.precision, score.recall) < LEAST for score in scores.values()))


if __name__ == "__main__":
    main()
