"""Take the photos out of a zip, as many as fit into a few seconds; the next step goes on where this one stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from jobs.files import parts
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


def unpack(
    file: IO[bytes], upload: Upload, add: Callable[[Upload], Photo], first: int = 0, seconds: float = STEP_SECONDS
) -> Unpacked:
    """*add* each photo of the zip in *file*, which came as *upload*, from its entry *first* on.

    Each photo's nonce is made from the zip's, so that a step done twice is done once. Raises NotPossible when the zip
    cannot be opened.
    """
    opened = _opened(file, upload, first)
    done = Unpacked([], [], len(opened.entries))
    end = time.monotonic() + seconds
    for number, entry in list(enumerate(opened.entries))[first:]:
        if time.monotonic() > end:
            return replace(done, entry=number)
        try:
            done.photos.append(add(_upload(opened, entry, upload, number)))
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


def _upload(opened: Zip, entry: Entry, upload: Upload, number: int) -> Upload:
    return replace(
        upload, nonce=f"{upload.nonce}-{number}", name=entry.name, size=entry.size, chunks=opened.chunks(entry)
    )


def _refusal(entry: Entry, problem: NotPossible | Unopenable) -> Refusal:
    said = problem if isinstance(problem, NotPossible) else NotPossible(str(problem))
    return Refusal.of(entry.name, said)


def _rest(entry: Entry, problem: NoRoom, more: int) -> Refusal:
    """One sentence for *entry* and for everything behind it, which finds no room either."""
    left = f" {more} more of this zip were left out, too." if more else ""
    return Refusal.of(entry.name, NotPossible(problem.sentence + left))
