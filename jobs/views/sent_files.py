"""What an upload brings: whole files or a part of one, and for each a nonce that says whether it came before."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from jobs.files import sidecars
from jobs.files.sidecars import Sidecar
from jobs.files.zip_reading import Unopenable, is_zip
from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import Refusal, TooLargePhoto, Upload
from jobs.operations.photos.unpack import WHOLE_SECONDS, Taking, unpack

__all__ = ["Refusal"]  # beside what is defined here

NO_FILE = "Choose at least one photo."

_NONCE = re.compile(r"[A-Za-z0-9_-]{8,56}", re.ASCII)

_POSITION = re.compile(r"\d{1,6}", re.ASCII)

_BYTES = re.compile(r"\d{1,12}", re.ASCII)

_LEFT_BY_SYSTEMS = re.compile(r"\._|(\.ds_store|thumbs\.db|desktop\.ini)\Z", re.IGNORECASE)

UNFINISHED = "{} more files of this zip are to come. Send it again: what is here already is passed over."


Caption = Callable[[Sidecar], None]


@dataclass(frozen=True)
class Sent:
    """One file of an upload; close it to free its temporary file."""

    upload: Upload
    file: "UploadedFile[bytes]"

    def close(self) -> None:
        self.file.close()


@dataclass(frozen=True)
class SentPart:
    """A part of a file: *upload* describes the whole file and brings the part's bytes, which begin at *offset*. Of a
    zip that is whole, *entry* is the one to go on with. *is_taken_back*: the sender wants to forget about the file.
    *text* is the text file beside a photo."""

    upload: Upload
    offset: int
    entry: int
    is_taken_back: bool
    text: "UploadedFile[bytes] | None" = None


@dataclass(frozen=True)
class Taken:
    """What became of the files of an upload: photos, and refusals."""

    photos: list[Photo]
    refusals: list[Refusal]
    status: int
    """The answer's status: the worst of it."""


def take(sent: list[Sent], add: Callable[[Upload], Photo], caption: Caption | None = None) -> Taken:
    """*add* each photo; where there is *caption*, which takes a text that stands beside none, zips are taken, too."""
    if not sent:
        return Taken([], [Refusal("", NO_FILE)], 400)
    taken, status = Taken([], [], 200), 200
    for file in sent:
        try:
            _take(file, add, caption, taken)
        except NotPossible as problem:
            taken.refusals.append(Refusal.of(file.upload.name, problem))
            status = max(status, status_of(problem))
        finally:
            file.close()
    return Taken(taken.photos, taken.refusals, max(status, 400 if taken.refusals else 200))


def status_of(problem: NotPossible) -> int:
    """The status of an answer that has nothing but *problem* to say."""
    return 413 if isinstance(problem, TooLargePhoto) else 400


def _take(sent: Sent, add: Callable[[Upload], Photo], caption: Caption | None, taken: Taken) -> None:
    opened = sent.file.file
    if caption and sidecars.is_text(sent.upload.name):
        caption(text_of(sent.file, sent.upload.name))
        return
    if not (caption and opened is not None and is_zip(opened.read(4))):
        sent.file.seek(0)
        taken.photos.append(add(sent.upload))
        return
    step = unpack(opened, sent.upload, Taking(add, caption), seconds=WHOLE_SECONDS)
    taken.photos.extend(step.photos)
    taken.refusals.extend(step.refusals)
    if step.entry is not None:
        taken.refusals.append(Refusal(sent.upload.name, UNFINISHED.format(step.entries - step.entry)))


def text_of(file: "UploadedFile[bytes]", name: str) -> Sidecar:
    """The caption that a text file called *name* is. Raises NotPossible when it is none."""
    try:
        found = next(sidecars.read(name, file))
    except (Unopenable, StopIteration):
        raise NotPossible(sidecars.NO_TEXT) from None
    if found.wrong:
        raise NotPossible(found.wrong)
    return found


def sent_part(request: HttpRequest) -> SentPart | None:
    """The part of a file that the request brings; None when it does not say which part of which file."""
    fields = request.POST
    nonce, size, offset = fields.get("nonce", ""), fields.get("size", ""), fields.get("offset", "")
    if not (_NONCE.fullmatch(nonce) and _BYTES.fullmatch(size) and _BYTES.fullmatch(offset)):
        return None
    file, entry = request.FILES.get("photos"), fields.get("entry", "")
    chunks = () if file is None else file.chunks()
    # The same nonce as that of a file that comes at once, so that either finds what the other brought.
    whole = Upload(f"{nonce}-0", fields.get("name", ""), int(size), chunks, _position(request))
    number = int(entry) if _POSITION.fullmatch(entry) else 0
    is_taken_back = fields.get("taken_back") == "1"
    return SentPart(whole, int(offset), number, is_taken_back, request.FILES.get("text"))


def sent_files(request: HttpRequest) -> list[Sent]:
    """The request's files in their order, without those that computers hide in folders.

    A page without scripts sends one nonce for all its files, which are then told apart by their place.
    """
    files = [file for file in request.FILES.getlist("photos") if not _LEFT_BY_SYSTEMS.match(file.name or "")]
    nonce = nonce_of(request)
    position = _position(request)
    return [_sent(file, f"{nonce}-{place}", position + place) for place, file in enumerate(files)]


def texts_last(sent: list[Sent]) -> list[Sent]:
    """Text files after the photos that they may be the captions of."""
    return sorted(sent, key=lambda file: sidecars.is_text(file.upload.name))


def nonce_of(request: HttpRequest) -> str:
    """The form's nonce; a fresh one when it makes no sense."""
    given = request.POST.get("nonce", "")
    return given if _NONCE.fullmatch(given) else secrets.token_urlsafe(16)


def _position(request: HttpRequest) -> int:
    first = request.POST.get("position", "")
    return int(first) if _POSITION.fullmatch(first) else 0


def _sent(file: "UploadedFile[bytes]", nonce: str, position: int) -> Sent:
    return Sent(Upload(nonce, file.name or "", file.size or 0, file.chunks(), position), file)
