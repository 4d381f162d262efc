"""The way in for every picture: decoded, made upright and stripped by a child process that can die instead of us."""

import atexit
import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jobs.photos import limits
from jobs.photos.child import TOO_MUCH, UNREADABLE

if TYPE_CHECKING:
    from jobs.photos.inspection.measures import Box, Measures

logger = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_START = "import sys; sys.path.insert(0, sys.argv[1]); from jobs.photos.child import main; main(*sys.argv[2:])"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Numpy would take memory for a thread on each processor."""
_PULSE = 5.0
"""Seconds between two signs of life while a picture is opened."""
_SLOW = "This picture takes too long to open. Save it as a JPEG and send that."


class Unreadable(Exception):
    """The picture cannot be used; `sentence` tells people why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Interrupted(Unreadable):
    """The child died without an answer. Perhaps the picture killed it, perhaps somebody else did: try again."""


@dataclass(frozen=True)
class Prepared:
    """A photo, upright and without metadata: the JPEG with its size in pixels, and a WebP thumbnail. *full* is the
    upright size of what it was made from."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    full: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Picture:
    """A generated image without metadata: the PNG with its size in pixels, and a WebP thumbnail."""

    png: bytes
    thumbnail: bytes
    width: int
    height: int


def _nothing() -> None:
    return


def prepare(photo: Path | bytes, meanwhile: Callable[[], None] = _nothing) -> Prepared:
    """Make *photo* ready for pages and providers, and do *meanwhile* every few seconds until it is.

    Raises Unreadable, or its kind Interrupted.
    """
    with _answered("prepare", photo, meanwhile) as (header, answer):
        width, height = header["full"]
        return Prepared(*_read(header, answer), full=(width, height))


def reencode(picture: Path | bytes) -> Picture:
    """Make our own lossless copy of a provider's *picture*. Raises Unreadable, or its kind Interrupted."""
    with _answered("reencode", picture) as (header, answer):
        return Picture(*_read(header, answer))


def crop(photo: Path | bytes, box: "Box", meanwhile: Callable[[], None] = _nothing) -> Prepared:
    """Cut the part *box*, in fractions of the upright *photo*, out of one that is prepared, or out of an original.

    Raises Unreadable, or its kind Interrupted.
    """
    with _answered("crop", photo, meanwhile, [json.dumps(box)]) as (header, answer):
        return Prepared(*_read(header, answer))


def inspect(prepared: Path | bytes, crop: "Box", meanwhile: Callable[[], None] = _nothing) -> "Measures":
    """Measure the part *crop* (left, top, width, height in fractions) of a *prepared* photo.

    Raises Unreadable, or its kind Interrupted.
    """
    with _answered("inspect", prepared, meanwhile, [json.dumps(crop), face_detector()]) as (header, _):
        measures: Measures = header["measures"]
        return measures


def _read(header: dict[str, Any], answer: IO[bytes]) -> tuple[bytes, bytes, int, int]:
    large, small = (answer.read(size) for size in header["sizes"])
    return large, small, header["width"], header["height"]


@cache
def face_detector() -> str:
    """The path of dlib's face detector in a file of this process's own: unpacking it takes 0.3 s, and each child would
    do so again. Empty where there is no detector, or no place to keep it."""
    try:
        import dlib

        folder = tempfile.mkdtemp(prefix="likeness-")
    except (ImportError, OSError):
        return ""
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = str(Path(folder, "faces.svm"))
    dlib.get_frontal_face_detector().save(path)
    return path


@contextmanager
def _answered(
    task: str, source: Path | bytes, meanwhile: Callable[[], None] = _nothing, arguments: Sequence[str] = ()
) -> Iterator[tuple[dict[str, Any], IO[bytes]]]:
    """What the child answers about *source*: its header, and the file with what comes after. Raises Unreadable."""
    with tempfile.TemporaryFile() as answer:
        with _opened(source) as picture:
            _run([task, *arguments], picture, answer, meanwhile)
        answer.seek(0)
        header = json.loads(answer.readline() or "{}")
        if not header or "refusal" in header:
            if "cause" in header:
                logger.info("A picture could not be decoded: %s", header["cause"])
            raise Unreadable(header.get("refusal", UNREADABLE))
        yield header, answer


def _opened(source: Path | bytes) -> IO[bytes]:
    if isinstance(source, Path):
        return source.open("rb")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(source)
    file.seek(0)
    return file


def start(task: list[str], picture: IO[bytes], answer: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the child in a session of its own, so that a Ctrl-C meant for us does not look like a broken picture."""
    command = [sys.executable, "-I", "-c", _START, _ROOT, *task]
    return subprocess.Popen(  # noqa: S603 - nothing in the command comes from outside
        command, stdin=picture, stdout=answer, stderr=subprocess.DEVNULL, env=_ENVIRONMENT, start_new_session=True
    )


def _run(task: list[str], picture: IO[bytes], answer: IO[bytes], meanwhile: Callable[[], None]) -> None:
    child = start(task, picture, answer)
    end = time.monotonic() + limits.CHILD_WALL_SECONDS
    try:
        while end - time.monotonic() > _PULSE:
            with suppress(subprocess.TimeoutExpired):
                child.wait(_PULSE)
                break
            meanwhile()
        status = child.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Unreadable(_SLOW) from None
    finally:
        child.kill()
        child.wait()
    if status in (-signal.SIGXCPU, -signal.SIGXFSZ):
        raise Unreadable(_SLOW if status == -signal.SIGXCPU else TOO_MUCH)
    if status:
        raise Interrupted(UNREADABLE)
