"""Fetching the photos of an order as the worker does, opening them for real, and being particular about the zip."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from threading import Event, Thread
from urllib.parse import urlsplit

from PIL import Image

from tests.providers.emulators.callbacks import LOOPBACK
from tests.providers.emulators.runpod.jobs import Job
from tests.providers.emulators.runpod.output import packed_error
from tests.providers.emulators.visits import Visit, visit

PICTURES = frozenset({".jpg", ".jpeg", ".png"})
_ASKED = (("HEAD", ""), ("GET", "bytes=0-9"), ("GET", ""), ("GET", ""))
_TRIES = 3
_FILENAME = re.compile(r'filename="?([^";]+)')


class Opener:
    """*visits* is every request for a zip; *opened* what was in each, by job id. A job without its photos fails."""

    def __init__(self, stopped: Event) -> None:
        self.visits: list[Visit] = []
        self.opened: dict[str, list[str]] = {}
        self._stopped = stopped

    def open_later(self, job: Job) -> None:
        Thread(target=self.open, args=(job,), daemon=True).start()

    def open(self, job: Job) -> None:
        """Fetch by HEAD, the first bytes, and the whole twice; then unpack."""
        train = job.request["input"]["train"]
        if urlsplit(train["data_url"]).hostname in LOOPBACK:
            seen = self._fetched(train["data_url"])
            wrong = next(complaints(seen), None)
            if wrong is None:
                self.opened[job.id] = names_in(seen[-1].body)
                job.steps = len(self.opened[job.id]) * train.get("unet_epochs", 150)
            else:
                job.error = packed_error("<class 'RuntimeError'>", wrong)
        job.needs_photos = False

    def _fetched(self, url: str) -> list[Visit]:
        """Whoever does not answer is asked again a second later."""
        for _ in range(_TRIES):
            seen = [visit(method, url, part) for method, part in _ASKED]
            self.visits += seen
            if all(one.status in {200, 206} for one in seen) or self._stopped.wait(1):
                break
        return seen


def complaints(seen: list[Visit]) -> Iterator[str]:
    """What is wrong with a zip that was answered so to `_ASKED`."""
    head, part, first, whole = seen
    if any(one.status not in {200, 206} for one in seen):
        yield f"Could not download {whole.url}: {[one.status for one in seen]}"
    elif (part.status, part.body) != (206, whole.body[:10]) or first.body != whole.body:
        yield "The zip is another each time."
    elif head.body or int(head.headers.get("content-length", -1)) != len(whole.body):
        yield "HEAD tells another length."
    elif not _is_called_zip(whole):
        yield "'NoneType' object is not subscriptable: the download is not called .zip"
    else:
        yield from wrong_inside(whole.body)


def _is_called_zip(whole: Visit) -> bool:
    """The worker unpacks what is called so by its `Content-Disposition`, or else by its address."""
    told = _FILENAME.search(whole.headers.get("content-disposition", ""))
    return (told[1] if told else urlsplit(whole.url).path).lower().endswith(".zip")


def wrong_inside(content: bytes) -> Iterator[str]:
    """What is wrong with the files in a zip."""
    try:
        names = names_in(content)
    except zipfile.BadZipFile as error:
        yield f"BadZipFile: {error}"
        return
    yield from ["The zip is empty."] if not names else []
    yield from (f"{name} is not flat." for name in names if PurePosixPath(name).name != name or "\\" in name)
    yield from (f"{name} is no picture." for name in names if PurePosixPath(name).suffix.lower() not in PICTURES)
    if len({name.casefold() for name in names}) < len(names):
        yield "A name is there twice."
    yield from _unreadable(content)


def names_in(content: bytes) -> list[str]:
    """Raises `zipfile.BadZipFile`."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def _unreadable(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            try:
                with archive.open(name) as file, Image.open(file) as picture:
                    picture.load()
            except (OSError, zipfile.BadZipFile) as error:
                yield f"{name} cannot be read: {error}"
