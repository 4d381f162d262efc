"""Take the photos out of a zip, as many as fit into a few seconds; the next step goes on where this one stopped."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import IO, Self

from jobs.files import parts, sidecars
from jobs.files.sidecars import Sidecar
from jobs.files.zip_reading import Entry, Unopenable, Zip
from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import NoRoom, Refusal, Upload

STEP_SECONDS = 2.0
"""After so long, a step ends: nobody waits for an answer without seeing how it goes."""
WHOLE_SECONDS = 25.0
"""For a page without scripts, which gets one answer."""


@dataclass(frozen=True)
class Unpacked:
    """What a step brought: *photos*, *refusals*, how many *entries* there are, and the *entry* to go on at, if any."""

    photos: list[Photo]
    refusals: list[Refusal]
    entries: int = 0
    entry: int | None = None


@dataclass(frozen=True)
class Taking:
    """What is done with what is in a zip: *add* a photo, *caption* by a text that stands beside none."""

    add: Callable[[Upload], Photo]
    caption: Callable[[Sidecar], None]


def unpack(file: IO[bytes], upload: Upload, taking: Taking, first: int = 0, seconds: float = STEP_SECONDS) -> Unpacked:
    """Take each file of the zip in *file*, which came as *upload*, from its entry *first* on.

    A text file is the caption of the photo beside it, or of one of its name that is here already. Each photo's nonce
    is made from the zip's, so that a step done twice is done once. Raises NotPossible when the zip cannot be opened.
    """
    opened = _opened(file, upload, first)
    places = _Places.of(opened)
    done = Unpacked([], [], len(opened.entries))
    end = time.monotonic() + seconds
    for number, entry in list(enumerate(opened.entries))[first:]:
        if time.monotonic() > end:
            return replace(done, entry=number)
        try:
            done.photos.extend(_take(opened, entry, places, replace(upload, nonce=f"{upload.nonce}-{number}"), taking))
        except NoRoom as problem:
            done.refusals.append(_rest(entry, problem, len(opened.entries) - number - 1))
            return done
        except (NotPossible, Unopenable) as problem:
            done.refusals.append(_refusal(entry, problem))
    return done


def _opened(file: IO[bytes], upload: Upload, first: int) -> Zip:
    try:
        opened = Zip(file)
        if not first:
            parts.make_sure_of_room(opened.unpacked_size)
    except Unopenable as problem:
        raise NotPossible(str(problem)) from None
    except parts.Full:
        raise NoRoom("There is no room left to unpack this zip. Tell whoever looks after this server.") from None
    if not opened.entries:
        raise NotPossible("There are no photos in this zip.")
    return opened


@dataclass(frozen=True)
class _Places:
    """Where the files of a zip lie (`sidecars.place_of`): the texts by it, and where there are photos."""

    texts: Mapping[str, Entry]
    photos: frozenset[str]

    @classmethod
    def of(cls, opened: Zip) -> Self:
        placed = [(sidecars.place_of(entry.path), entry) for entry in opened.entries]
        texts = {place: entry for place, entry in placed if sidecars.is_text(entry.name)}
        return cls(texts, frozenset(place for place, entry in placed if not sidecars.is_text(entry.name)))


def _take(opened: Zip, entry: Entry, places: _Places, upload: Upload, taking: Taking) -> list[Photo]:
    """The photo that *entry* is, if it is one, with the caption beside it."""
    place = sidecars.place_of(entry.path)
    if not sidecars.is_text(entry.name):
        text = sidecars.unpacked(opened, places.texts[place]) if place in places.texts else None
        # A text that is of no use is told of when its own turn comes.
        said = text.caption if text and not text.wrong else ""
        chunks = opened.chunks(entry)
        return [taking.add(replace(upload, name=entry.name, size=entry.size, chunks=chunks, caption=said))]
    text = sidecars.unpacked(opened, entry)
    if text.wrong:
        raise NotPossible(text.wrong)
    if place not in places.photos:
        taking.caption(text)
    return []


def _refusal(entry: Entry, problem: NotPossible | Unopenable) -> Refusal:
    said = problem if isinstance(problem, NotPossible) else NotPossible(str(problem))
    return Refusal.of(entry.name, said)


def _rest(entry: Entry, problem: NoRoom, more: int) -> Refusal:
    """One sentence for *entry* and for everything behind it, which finds no room either."""
    left = f" {more} more of this zip were left out, too." if more else ""
    return Refusal.of(entry.name, NotPossible(problem.sentence + left))
