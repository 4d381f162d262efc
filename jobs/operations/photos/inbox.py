"""Files that arrive in parts, so that what breaks off goes on where it stopped, even after the page was reloaded.

The browser gives each file a nonce, and says with each part how large the whole is and at which byte the part begins.
The answer says how many bytes are here, and the next part begins there. A part that begins elsewhere is passed over,
so sending nothing is asking where to go on. Once all is here the file is added like one that came at once, and a zip
is unpacked step by step.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from jobs.files import parts
from jobs.files.parts import Busy, Full
from jobs.files.zip_reading import SIGNATURES, is_zip
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import take_captions
from jobs.operations.photos.add_photo import MEGABYTE, NO_SPACE, NoRoom, Refusal, TooLargePhoto, Upload
from jobs.operations.photos.unpack import Taking, unpack
from jobs.photos import sniff

__all__ = ["Arrived", "Busy", "Inbox", "drop_forgotten", "forget", "forget_all", "receive"]

TAKEN_SECONDS = 60.0
"""So long after its last part nobody else's file may take a file's place."""
AT_ONCE = 3
"""So many files a page sends at the same time (`upload-queue.js`)."""
ZIPS = 3
"""How many of one sender's zips can be under way for one set."""
KEPT_SECONDS = 2 * 24 * 3600.0
"""For how long a file that stands still is kept; browsers keep their copy as long (`upload-kept.js`)."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Inbox:
    """Where the files of one *sender* for a set grow. There are as many *places* as the sender may add photos, and a
    few more for what is larger than a photo, so that what nobody finishes takes no more room than photos would."""

    photo_set: PhotoSet
    sender: str
    places: int
    add: Callable[[Upload], Photo]
    takes_zips: bool = False
    closed: str = ""
    """Why nothing more is taken; empty while something is."""
    nonce_of: Callable[[str], str] = str
    """What a photo keeps as its nonce, from that of its file."""

    def place_for(self, part: Upload) -> str:
        """The resume key of the file's place: the one it has, or a free one, or one that is not free just now."""
        keys = self._keys(part)
        notes = {key: parts.read_note(parts.place(key)).get("validator") for key in keys}
        own = [key for key in keys if notes[key] == _validator(part)]
        free = [key for key in keys if not notes[key] or parts.note_age(parts.place(key)) > TAKEN_SECONDS]
        return [*own, *free, *keys][0]

    def _keys(self, part: Upload) -> list[str]:
        """A few neighbouring places, so that files that are sent at the same time do not wait for each other."""
        is_large = part.size > settings.MAX_PHOTO_MB * MEGABYTE
        first, places = int(hashlib.sha256(part.nonce.encode()).hexdigest(), 16), ZIPS if is_large else self.places
        numbers = [(first + step) % max(1, places) for step in range(AT_ONCE)]
        return [f"photo-set/{self.photo_set.pk}/{self.sender}/{'large-' * is_large}{number}" for number in numbers]


@dataclass(frozen=True)
class Arrived:
    """How far a file is: *offset* bytes are here. Of a whole one: its *photos*, what was refused, and of a zip the
    *entry* of its *entries* to go on with."""

    offset: int = 0
    photos: list[Photo] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    entries: int = 0
    entry: int | None = None


def receive(inbox: Inbox, part: Upload, offset: int, entry: int = 0) -> Arrived:
    """Take *part*, which begins at *offset*, of a file of `part.size` bytes; *entry* is where to go on with a zip.

    Raises NotPossible with a sentence when the file is refused: nothing of it stays. Raises Busy when another part of
    it, or another file, has its place just now.
    """
    if (known := inbox.photo_set.photos.filter(upload_nonce=inbox.nonce_of(part.nonce)).first()) is not None:
        return Arrived(part.size, [known])
    if inbox.closed:
        forget(inbox, part)
        raise NoRoom(inbox.closed)
    _check_size(inbox, part.size)
    with _no_space_said(), _place(inbox, part) as growing:
        _claim(growing, inbox.sender, part)
        return _received(inbox, part, offset, growing, entry)


def _received(inbox: Inbox, part: Upload, offset: int, growing: BinaryIO, entry: int) -> Arrived:
    with _left_tidy(growing) as done:
        here = _append(part, offset, growing)
        _check_head(inbox, part.size, growing)
        if here < part.size:
            return Arrived(here)
        arrived = _add(inbox, part, growing, entry)
        done(arrived.entry is None)
        return arrived


def forget(inbox: Inbox, part: Upload) -> None:
    """Drop what has arrived of a file that its sender took back. Raises Busy while some of it arrives."""
    with _place(inbox, part) as growing:
        path = Path(growing.name)
        if parts.read_note(path).get("validator") in (None, _validator(part)):
            _clear(path)


def forget_all(sender: str) -> None:
    """Drop whatever *sender* has not finished, for any set."""
    for path in parts.noted():
        if parts.read_note(path).get("sender") == sender:
            _clear(path)


def drop_forgotten() -> None:
    """Drop what senders did not go on with."""
    for path in parts.noted():
        if parts.note_age(path) > KEPT_SECONDS and "sender" in parts.read_note(path):
            _clear(path)


@contextmanager
def _no_space_said() -> Iterator[None]:
    try:
        yield
    except Full:
        raise NoRoom(NO_SPACE) from None


@contextmanager
def _place(inbox: Inbox, part: Upload) -> Iterator[BinaryIO]:
    """The file's place, locked, with what has arrived of it."""
    growing = parts.open_part(inbox.place_for(part))
    try:
        yield growing
    finally:
        with suppress(OSError):  # on a full disk, the bytes that did not fit are tried once more
            growing.close()


def _validator(part: Upload) -> str:
    return f"{part.nonce}/{part.size}"


def _claim(growing: BinaryIO, sender: str, part: Upload) -> None:
    """Make sure that what grows in the place is of this file, or nothing."""
    path, validator = Path(growing.name), _validator(part)
    has_it = parts.read_note(path).get("validator")
    if has_it != validator:
        if has_it and parts.note_age(path) <= TAKEN_SECONDS:
            raise Busy("Another file is just arriving in its place.")
        growing.truncate(0)
        parts.make_sure_of_room(part.size)
    # Written with each part, so that its age says whether somebody is at it.
    parts.write_note(path, {"validator": validator, "sender": sender})


@contextmanager
def _left_tidy(growing: BinaryIO) -> Iterator[Callable[[bool], None]]:
    """Clear the place once it is done, or when the file is refused."""
    path, is_done = Path(growing.name), list[bool]()
    try:
        yield is_done.append
    except NotPossible:
        is_done.append(True)
        raise
    finally:
        if any(is_done):
            _clear(path)


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
    parts.drop_note(path)


def _append(part: Upload, offset: int, growing: BinaryIO) -> int:
    """How many bytes are here, now that the part's own were added where they fit."""
    here = growing.seek(0, 2)
    if offset != here:
        return here
    with parts.room_needed():
        for chunk in part.chunks:
            here += growing.write(chunk[: part.size - here])
        growing.flush()
    return here


def _check_size(inbox: Inbox, size: int) -> None:
    if not size:
        raise NotPossible(sniff.refusal_of(b""))
    most = max(settings.MAX_ZIP_MB, settings.MAX_PHOTO_MB) if inbox.takes_zips else settings.MAX_PHOTO_MB
    if size > most * MEGABYTE:
        raise TooLargePhoto.over(most)


def _check_head(inbox: Inbox, size: int, growing: BinaryIO) -> None:
    """Refuse what is no photo as soon as its first bytes are here."""
    growing.seek(0)
    head = growing.read(sniff.HEAD_BYTES)
    if not head or (inbox.takes_zips and is_zip(head)):
        return
    if sniff.kind_of(head) is None:
        raise NotPossible(sniff.refusal_of(head))
    if size > settings.MAX_PHOTO_MB * MEGABYTE:
        raise TooLargePhoto.over(settings.MAX_PHOTO_MB)


def _add(inbox: Inbox, whole: Upload, file: BinaryIO, entry: int) -> Arrived:
    file.seek(0)
    if not (inbox.takes_zips and is_zip(file.read(len(SIGNATURES[0])))):
        file.seek(0)
        photo = inbox.add(replace(whole, chunks=iter(lambda: file.read(_CHUNK), b"")))
        return Arrived(whole.size, [photo])
    step = unpack(file, whole, Taking(inbox.add, partial(take_captions.take, inbox.photo_set)), entry)
    return Arrived(whole.size, step.photos, step.refusals, step.entries, step.entry)
