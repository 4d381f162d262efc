"""Captions as other programs keep them: beside each photo a text file of its name, `IMG_1.txt` for `IMG_1.jpg`."""

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from jobs.files.zip_reading import Entry, Unopenable, Zip, is_zip
from jobs.photos.captions import LONGEST, is_seen, one_line

MOST_BYTES = 16 << 10
"""Bytes of one text file."""
MOST_ZIP_BYTES = 20 << 20
_BESIDE_PHOTOS = (".mov", ".aae", ".txt")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))

NO_TEXT = "This is no text file, or not one that is saved as UTF-8."
NOT_UTF_8 = "This text is not saved as UTF-8, so that its letters would be wrong. Save it as UTF-8 and send it again."
TOO_LONG = f"This text is longer than the {LONGEST} signs that a caption may have."
TOO_LARGE = "This zip is larger than 20 MB: captions are not."


@dataclass(frozen=True)
class Sidecar:
    """A text file that was sent: whose caption it is, by the photo's name without its ending, or what is wrong."""

    name: str
    stem: str
    caption: str = ""
    wrong: str = ""


def stems(names: Sequence[str]) -> list[str]:
    """A name for each photo's text file, in the order of the photos' *names*: without ending, and each only once."""
    found, taken = [], set[str]()
    for stem in map(_stem, names):
        number, once = 1, stem
        while key(once) in taken:
            number += 1
            once = f"{stem} ({number})"
        taken.add(key(once))
        found.append(once)
    return found


def zipped(captions: Mapping[str, str]) -> bytes:
    """A zip with a text file for each of *captions*, which are by stem."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for stem, caption in captions.items():
            made.writestr(zipfile.ZipInfo(f"{stem}.txt", _FIRST_DAY), f"{caption}\n" if caption else "")
    return out.getvalue()


def is_text(name: str) -> bool:
    """Whether a file called *name* may be a caption."""
    return name.lower().endswith(".txt")


def read(name: str, file: IO[bytes]) -> Iterator[Sidecar]:
    """The captions in a file called *name* that was sent: a text file, or a zip of them. Raises Unopenable."""
    head = file.read(4)
    file.seek(0)
    if not is_zip(head):
        yield _sidecar(name, file.read(MOST_BYTES + 1))
        return
    if file.seek(0, 2) > MOST_ZIP_BYTES:
        raise Unopenable(TOO_LARGE)
    file.seek(0)
    found = Zip(file)
    for entry in found.entries:
        if is_text(entry.name):
            yield unpacked(found, entry)


def key(stem: str) -> str:
    """What two names of the same photo have in common, whatever system wrote them."""
    return unicodedata.normalize("NFC", stem).casefold()


def unpacked(found: Zip, entry: Entry) -> Sidecar:
    """The caption that one file of a zip is."""
    content = b""
    try:
        for chunk in found.chunks(entry):
            content += chunk
            if len(content) > MOST_BYTES:
                break
    except Unopenable as problem:
        return Sidecar(entry.name, _stem(entry.name), wrong=str(problem))
    return _sidecar(entry.name, content)


def place_of(path: str) -> str:
    """What a photo and the text file beside it have in common: the folder, and the name without its ending."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{key(_stem(name))}"


def companions(paths: Sequence[str]) -> frozenset[int]:
    """Which of the files at *paths* only accompany a photo among them: the video of a Live Photo, and what an iPhone
    notes of changes."""
    stills = {place_of(path) for path in paths if not path.lower().endswith(_BESIDE_PHOTOS)}
    beside = [path.lower().endswith(".mov") and place_of(path) in stills for path in paths]
    return frozenset(n for n, path in enumerate(paths) if beside[n] or path.lower().endswith(".aae"))


def _sidecar(name: str, content: bytes) -> Sidecar:
    if len(content) > MOST_BYTES or not is_text(name):
        return Sidecar(name, _stem(name), wrong=TOO_LONG if len(content) > MOST_BYTES else NO_TEXT)
    code = next((code for code, mark in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(code)
    except UnicodeError:
        # In an older encoding each text is also one in most others: a guess would train a model on gibberish.
        return Sidecar(name, _stem(name), wrong=NO_TEXT if b"\0" in content else NOT_UTF_8)
    if "\0" in text:
        return Sidecar(name, _stem(name), wrong=NO_TEXT)
    caption = one_line(text)
    return Sidecar(name, _stem(name), caption, TOO_LONG if len(caption) > LONGEST else "")


def _stem(name: str) -> str:
    plain = "".join("_" if sign in '\\/:*?"<>|' or not is_seen(sign) else sign for sign in name)
    return PurePosixPath(plain).stem.strip(". ") or "photo"
