"""Pictures as downloads: what each is called, safe on every system, and many of them in one ZIP."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone
from django.utils.text import slugify

from jobs.files import storage
from jobs.models import GeneratedImage

JOB_BYTES = 60
PROMPT_BYTES = 100
Member = tuple[str, datetime, Callable[[], bytes]]
"""A name in the archive, its time, and how to read it."""


def file_name(image: GeneratedImage) -> str:
    """For example `rex-second-try-photo-of-ukj-dog-on-the-beach-1234.png`; *image* comes with its job."""
    words = [text for text in (_words(image.job.name, JOB_BYTES), _words(image.prompt, PROMPT_BYTES)) if text]
    number, suffix = image.pk if image.seed is None else image.seed, PurePosixPath(image.file).suffix
    if suffix not in {".png", ".jpg", ".webp"}:
        suffix = ".png"
    return "-".join([*(words or ["picture"]), f"{number}"]) + suffix


def unique_names(images: Iterable[GeneratedImage]) -> Iterator[tuple[str, GeneratedImage]]:
    """Each image with its file name; names that would be the same get the image's number."""
    taken: set[str] = set()
    for image in images:
        name = file_name(image)
        if name in taken:
            path = PurePosixPath(name)
            name = f"{path.stem}-{image.pk}{path.suffix}"
        taken.add(name)
        yield name, image


def _words(text: str, limit: int) -> str:
    """Letters, digits and hyphens of *text* in lower case, at most *limit* bytes (a file name has 255)."""
    slug = slugify(text[:400], allow_unicode=True)
    return slug.encode(errors="ignore")[:limit].decode(errors="ignore").strip("-_")


def picture_archive(images: Iterable[GeneratedImage]) -> Iterator[bytes]:
    """A ZIP of *images* (which come with their jobs), each under the name it has when downloaded alone."""
    return zip_stream(
        (name, timezone.localtime(image.created_at), partial(storage.read, image.file))
        for name, image in unique_names(images)
    )


class _Window(io.BytesIO):
    """The part of the archive that is not sent yet, at its true offset.

    `zipfile` goes back to a member's header to fill in size and checksum. Giving it the member's own bytes to seek in
    keeps sizes in front of the contents, where macOS's unpacker needs them for members that are not compressed.
    """

    sent = 0

    def tell(self) -> int:
        return self.sent + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            return self.sent + super().seek(offset - self.sent)
        return self.sent + super().seek(offset, whence)

    def take(self) -> bytes:
        """What was written since the last call."""
        written = self.getvalue()
        self.sent += len(written)
        super().seek(0)
        self.truncate(0)
        return written


def zip_stream(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive of *members*, piece by piece: stored, since pictures are compressed already.

    A member whose reading raises `FileNotFoundError` is left out and named in `Missing pictures.txt`.
    """
    window, missing = _Window(), list[str]()
    with ZipFile(window, "w", ZIP_STORED) as archive:
        for name, at, read in members:
            try:
                archive.writestr(ZipInfo(name, at.timetuple()[:6]), read())
            except FileNotFoundError:
                missing.append(name)
            yield window.take()
        if missing:
            archive.writestr("Missing pictures.txt", "These could not be read:\r\n" + "\r\n".join(missing))
    yield window.take()
