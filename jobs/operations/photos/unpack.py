"""Take the photos out of a zip, as many as fit into a few seconds; the next step goes on where this one stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from jobs.files import parts, sidecars
from jobs.files.zip_reading import Unopenable, Zip
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit
from jobs.operations.photos.add_photo import NoRoom, Refusal, Upload


@dataclass(frozen=True)
class Unpacked:
    """What a step brought: *photos*, *refusals*, how many *entries* there are, and the *entry* to go on at, if any."""

    photos: list[Photo]
    refusals: list[Refusal]
    entries: int = 0
    entry: int | None = None


def unpack(
    photo_set: PhotoSet, file: IO[bytes], upload: Upload, add: Callable[[Upload], Photo], first: int, seconds: float
) -> Unpacked:
    """*add* each photo of the zip in *file*, which came as *upload*, from its entry *first* on.

    A text file is the caption of the photo beside it, or of one of its name that is in the set already. Each photo's
    nonce is made from the zip's, so that a step done twice is done once. Raises NotPossible when the zip cannot be
    opened.
    """
    opened = _opened(file, first)
    placed = [(sidecars.place_of(entry.path), entry) for entry in opened.entries]
    texts = {place: entry for place, entry in placed if sidecars.is_text(entry.name)}
    photo_places = {place for place, entry in placed if not sidecars.is_text(entry.name)}
    done = Unpacked([], [], len(placed))
    end = time.monotonic() + seconds
    for number, (place, entry) in list(enumerate(placed))[first:]:
        if time.monotonic() > end:
            return replace(done, entry=number)
        try:
            if sidecars.is_text(entry.name):
                text = sidecars.unpacked(opened, entry)
                if text.wrong:
                    done.refusals.append(Refusal.of(entry.name, NotPossible(text.wrong)))
                elif place not in photo_places:
                    edit.caption_by_name(photo_set, text)
                continue
            # A text of no use is told of when its own turn comes.
            beside = sidecars.unpacked(opened, texts[place]) if place in texts else None
            said = beside.caption if beside and not beside.wrong else ""
            named = replace(upload, nonce=f"{upload.nonce}-{number}", name=entry.name, size=entry.size)
            done.photos.append(add(replace(named, chunks=opened.chunks(entry), caption=said)))
        except NoRoom as problem:
            # One sentence, for everything behind finds no room either.
            more = len(placed) - number - 1
            left = f" {more} more of this zip were left out, too." if more else ""
            done.refusals.append(Refusal.of(entry.name, NotPossible(problem.sentence + left)))
            return done
        except NotPossible as problem:
            done.refusals.append(Refusal.of(entry.name, problem))
        except Unopenable as problem:
            done.refusals.append(Refusal.of(entry.name, NotPossible(str(problem))))
    return done


def _opened(file: IO[bytes], first: int) -> Zip:
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
