"""Files that are sent: whole, or in parts, so that what breaks off goes on where it stopped, even after a reload.

A page without scripts sends whole files. The script of the page gives each file a nonce, and says with each part how
large the whole is and at which byte the part begins. The answer says how many bytes are here, and the next part begins
there. A part that begins elsewhere is passed over, so sending nothing is asking where to go on. A whole file is the
part with which all is here. Then the photo is added; a zip is unpacked, step by step for whoever comes back for more.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files.base import File

from jobs.files import parts, sidecars
from jobs.files.parts import Busy, Full
from jobs.files.zip_reading import SIGNATURES, Unopenable, Zip, is_zip
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit
from jobs.operations.photos.add_photo import MEGABYTE, NO_SPACE, NoRoom, Refusal, TooLargePhoto, Upload, check_head
from jobs.photos import sniff

TAKEN_SECONDS = 60.0
"""So long after its last part nobody else's file may take a file's place."""
AT_ONCE = 3
"""So many files a page sends at the same time (`upload-queue.js`)."""
ZIPS = 3
"""How many of one sender's zips can be under way for one set."""
KEPT_SECONDS = 2 * 24 * 3600.0
"""For how long a file that stands still is kept; browsers keep their copy as long (`upload-kept.js`)."""
STEP_SECONDS = 2.0
"""After so long, a step of unpacking ends: nobody waits for an answer without seeing how it goes."""
WHOLE_SECONDS = 25.0
"""For a page without scripts, which gets one answer."""
_CHUNK = 1 << 20

NO_FILE = "Choose at least one photo."
UNFINISHED = "{} more files of this zip are to come. Send it again: what is here already is passed over."


@dataclass(frozen=True)
class Part:
    """What a request brings of a file of *size* bytes: *content*, which begins at *offset*; None asks how far it is."""

    nonce: str
    name: str
    size: int
    content: "File[bytes] | None" = None
    offset: int = 0
    position: int = 0
    entry: int = 0
    """Of a zip that is here as a whole, the one to go on with."""
    text: "File[bytes] | None" = None
    """The text file beside a photo."""
    goes_on: bool = False
    """Whether the sender comes back with the next part, and for the next step of a zip."""
    is_taken_back: bool = False
    """Whether the sender wants to forget about the file."""
    wrong: str = ""
    """Why nothing can be made of what was sent."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing needs to be kept for another request. A zip may take several steps."""
        if self.content is None or self.offset or self.content.size != self.size:
            return False
        head = self.content.read(len(SIGNATURES[0]))
        self.content.seek(0)
        return not (self.goes_on and is_zip(head))

    def close(self) -> None:
        """Free the temporary file."""
        if self.content is not None:
            self.content.close()


@dataclass(frozen=True)
class Inbox:
    """Where the files of one *sender* for a set grow. There is room for as many as the sender may add photos
    (*capacity*), and for a few more that are larger than a photo, so that what nobody finishes takes no more room than
    photos would."""

    photo_set: PhotoSet
    sender: str
    capacity: int
    add: Callable[[Upload], Photo]
    is_members: bool = False
    """Members send zips and captions, too."""
    closed: Callable[[], str] = str
    """Why nothing more is taken; empty while something is."""
    nonce_of: Callable[[str], str] = str
    """What a photo keeps as its nonce, from that of its file."""

    def place_for(self, part: Part) -> str:
        """The resume key of the file's place: the one it has, or a free one, or one that is not free just now.

        It is one of a few neighbours, so that files that are sent at the same time do not wait for each other.
        """
        is_large = part.size > settings.MAX_PHOTO_MB * MEGABYTE
        first, places = int(hashlib.sha256(part.nonce.encode()).hexdigest(), 16), ZIPS if is_large else self.capacity
        numbers = [(first + step) % max(1, places) for step in range(AT_ONCE)]
        keys = [f"photo-set/{self.photo_set.pk}/{self.sender}/{'large-' * is_large}{number}" for number in numbers]
        notes = {key: parts.read_note(parts.place(key)).get("validator") for key in keys}
        own = [key for key in keys if notes[key] == _validator(part)]
        free = [key for key in keys if not notes[key] or parts.note_age(parts.place(key)) > TAKEN_SECONDS]
        return [*own, *free, *keys][0]


@dataclass(frozen=True)
class Arrived:
    """What came of what was sent. Of a file in parts: how many bytes are here (*offset*; None when it was refused),
    and of a zip the *entry* of its *entries* to go on with."""

    offset: int | None = None
    photos: list[Photo] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    captions: int = 0
    companions: int = 0
    """How many files were left out that only accompany photos (`sidecars.companions`)."""
    entries: int = 0
    entry: int | None = None
    is_busy: bool = False
    """Whether the same has to be sent once more, because something else has the file's place just now."""


@dataclass(frozen=True)
class Unpacked:
    """What a step brought: *photos*, *refusals*, how many *entries* there are, and the *entry* to go on at, if any."""

    photos: list[Photo]
    refusals: list[Refusal]
    entries: int = 0
    entry: int | None = None
    companions: int = 0


def receive_all(inbox: Inbox, sent: Sequence[Part]) -> Arrived:
    """Take one or many whole files, or one part. What is refused gets a sentence, and the others go on."""
    if not sent:
        return Arrived(refusals=[Refusal("", inbox.closed() or NO_FILE)])
    photos: list[Photo] = []
    refusals: list[Refusal] = []
    left_out = sidecars.companions([part.name for part in sent]) if len(sent) > 1 else frozenset()
    companions = len(left_out)
    for number, part in enumerate(sent):
        if number in left_out:
            part.close()
            continue
        try:
            arrived = receive(inbox, part)
            if part.goes_on:
                return arrived
            photos += arrived.photos
            refusals += arrived.refusals
            companions += arrived.companions
        except NotPossible as problem:
            refusals.append(Refusal.of(part.name, problem))
        except Busy:
            return Arrived(is_busy=True)
        finally:
            part.close()
    return Arrived(photos=photos, refusals=refusals, companions=companions)


def receive(inbox: Inbox, part: Part) -> Arrived:
    """Take *part* of a file, or all of it.

    Raises NotPossible with a sentence when the file is refused: nothing of it stays. Raises Busy when another part of
    it, or another file, has its place just now.
    """
    if part.wrong:
        raise NotPossible(part.wrong)
    if part.is_taken_back:
        forget(inbox, part)
        return Arrived(0)
    if inbox.is_members and sidecars.is_text(part.name):
        if part.content is not None:  # a text of several parts is longer than a caption may be
            edit.caption_by_name(inbox.photo_set, _text_in(part.content, part.name))
        return Arrived(part.size, captions=1)
    if (known := inbox.photo_set.photos.filter(upload_nonce=inbox.nonce_of(part.nonce)).first()) is not None:
        return Arrived(part.size, [known])
    if part.content is not None and part.is_whole:
        return _take(inbox, part, part.content)
    if closed := inbox.closed():
        forget(inbox, part)
        raise NoRoom(closed)
    _check_size(inbox, part.size)
    try:
        with _place(inbox, part) as growing:
            return _grow(inbox, part, growing)
    except Full:
        raise NoRoom(NO_SPACE) from None


def _grow(inbox: Inbox, part: Part, growing: BinaryIO) -> Arrived:
    """Add *part* to what is here of its file, and take the file once it is whole."""
    _claim(growing, inbox.sender, part)
    try:
        here = growing.seek(0, 2)
        if part.content is not None and part.offset == here:
            with parts.room_needed():
                for chunk in part.content.chunks():
                    here += growing.write(chunk[: part.size - here])
                growing.flush()
        _check_head(inbox, part.size, growing)
        arrived = Arrived(here) if here < part.size else _take(inbox, part, growing)
    except NotPossible:
        _clear(Path(growing.name))
        raise
    if here == part.size and arrived.entry is None:
        _clear(Path(growing.name))
    return arrived


def _take(inbox: Inbox, part: Part, file: IO[bytes]) -> Arrived:
    """Add the photo, or the photos of the zip, that *file* is. A caption that is none does not keep its photo out."""
    file.seek(0)
    is_packed = inbox.is_members and is_zip(file.read(len(SIGNATURES[0])))
    file.seek(0)
    whole = Upload(part.nonce, part.name, part.size, iter(lambda: file.read(_CHUNK), b""), part.position)
    if is_packed:
        seconds = STEP_SECONDS if part.goes_on else WHOLE_SECONDS
        step = unpack(inbox.photo_set, file, whole, inbox.add, part.entry, seconds)
        if step.entry is not None and not part.goes_on:
            step.refusals.append(Refusal(part.name, UNFINISHED.format(step.entries - step.entry)))
        arrived = Arrived(part.size, step.photos, step.refusals, companions=step.companions)
        return replace(arrived, entries=step.entries, entry=step.entry)
    refusals = []
    if inbox.is_members and part.text is not None:
        name = part.text.name or ""
        try:
            whole = replace(whole, caption=_text_in(part.text, name).caption)
        except NotPossible as problem:
            refusals.append(Refusal.of(name, problem))
    return Arrived(part.size, [inbox.add(whole)], refusals)


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
    left_out = sidecars.companions([entry.path for entry in opened.entries])
    done = Unpacked([], [], len(placed), companions=0 if first else len(left_out))
    end = time.monotonic() + seconds
    for number, (place, entry) in list(enumerate(placed))[first:]:
        if time.monotonic() > end:
            return replace(done, entry=number)
        if number in left_out:
            continue
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
    except Full:
        raise NoRoom("There is no room left to unpack this zip. Tell whoever looks after this server.") from None
    if not opened.entries:
        raise NotPossible("There are no photos in this zip.")
    return opened


def _text_in(file: IO[bytes], name: str) -> sidecars.Sidecar:
    """The caption that a text file called *name* is. Raises NotPossible when it is none."""
    try:
        found = next(sidecars.read(name, file))
    except (Unopenable, StopIteration):
        raise NotPossible(sidecars.NO_TEXT) from None
    if found.wrong:
        raise NotPossible(found.wrong)
    return found


def forget(inbox: Inbox, part: Part) -> None:
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
def _place(inbox: Inbox, part: Part) -> Iterator[BinaryIO]:
    """The file's place, locked, with what has arrived of it."""
    growing = parts.open_part(inbox.place_for(part))
    try:
        yield growing
    finally:
        with suppress(OSError):  # on a full disk, the bytes that did not fit are tried once more
            growing.close()


def _validator(part: Part) -> str:
    return f"{part.nonce}/{part.size}"


def _claim(growing: BinaryIO, sender: str, part: Part) -> None:
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


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
    parts.drop_note(path)


def _check_size(inbox: Inbox, size: int) -> None:
    if not size:
        raise NotPossible(sniff.refusal_of(b""))
    most = max(settings.MAX_ZIP_MB, settings.MAX_PHOTO_MB) if inbox.is_members else settings.MAX_PHOTO_MB
    if size > most * MEGABYTE:
        raise TooLargePhoto.over(most)


def _check_head(inbox: Inbox, size: int, growing: BinaryIO) -> None:
    """Refuse what is no photo as soon as its first bytes are here."""
    growing.seek(0)
    head = growing.read(sniff.HEAD_BYTES)
    if not head or (inbox.is_members and is_zip(head)):
        return
    check_head(head)
    if size > settings.MAX_PHOTO_MB * MEGABYTE:
        raise TooLargePhoto.over(settings.MAX_PHOTO_MB)
