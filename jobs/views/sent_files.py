"""What an upload brings: files, and for each a nonce that says whether it came before."""

import re
import secrets
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from jobs.operations.photos.add_photo import Upload

_NONCE = re.compile(r"[A-Za-z0-9_-]{8,56}", re.ASCII)

_POSITION = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class Sent:
    """One file of an upload; close it to free its temporary file."""

    upload: Upload
    file: "UploadedFile[bytes]"

    def close(self) -> None:
        self.file.close()


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
