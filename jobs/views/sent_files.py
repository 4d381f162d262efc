"""What an upload brings: files, and for each a nonce that says whether it came before."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from jobs.models import Photo
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import TooLargePhoto, Upload, shown_name

NO_FILE = "Choose at least one photo."

_NONCE = re.compile(r"[A-Za-z0-9_-]{8,56}", re.ASCII)

_POSITION = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class Sent:
    """One file of an upload; close it to free its temporary file."""

    upload: Upload
    file: "UploadedFile[bytes]"

    def close(self) -> None:
        self.file.close()


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken: its *name*, and the *sentence* that says why."""

    name: str
    sentence: str


def take(sent: list[Sent], add: Callable[[Upload], Photo]) -> tuple[list[Photo], list[Refusal], int]:
    """*add* each file: the photos made, the files refused, and the status that tells the worst of it."""
    photos: list[Photo] = []
    refusals, status = ([], 200) if sent else ([Refusal("", NO_FILE)], 400)
    for file in sent:
        try:
            photos.append(add(file.upload))
        except NotPossible as problem:
            refusals.append(Refusal(shown_name(file.upload.name), problem.sentence))
            status = max(status, 413 if isinstance(problem, TooLargePhoto) else 400)
        finally:
            file.close()
    return photos, refusals, status


def sent_files(request: HttpRequest) -> list[Sent]:
    """The request's files in their order.

    A page without scripts sends one nonce for all its files, which are then told apart by their place.
    """
    files = request.FILES.getlist("photos")
    given = request.POST.get("nonce", "")
    nonce = given if _NONCE.fullmatch(given) else secrets.token_urlsafe(16)
    first = request.POST.get("position", "")
    position = int(first) if _POSITION.fullmatch(first) else 0
    return [_sent(file, f"{nonce}-{place}", position + place) for place, file in enumerate(files)]


def _sent(file: "UploadedFile[bytes]", nonce: str, position: int) -> Sent:
    return Sent(Upload(nonce, file.name or "", file.size or 0, file.chunks(), position), file)
