"""The child process that decodes one picture and ends. It reads standard input and writes standard output.

The answer is one line of JSON, then the pictures one after the other. The limits are set before any decoder is loaded.
"""

import json
import resource
import sys
from typing import TYPE_CHECKING, BinaryIO

from jobs.photos import limits
from jobs.photos.sniff import Kind

if TYPE_CHECKING:
    from PIL import Image

_PHOTO_KINDS = frozenset(Kind)
_RESULT_KINDS = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
UNREADABLE = "This photo cannot be read: the file is damaged or only part of it arrived."
TOO_MUCH = "This picture takes too much memory to open. Save it as a smaller JPEG and send that."


def main(task: str, *arguments: str) -> None:
    """Do *task* (`prepare`, `reencode`, `crop` or `inspect`) with the picture on standard input."""
    restrain()
    header, pictures = _answer(task, sys.stdin.buffer, arguments)
    out = sys.stdout.buffer
    out.write(json.dumps(header).encode() + b"\n")
    out.writelines(pictures)
    out.flush()


def restrain() -> None:
    """Let this process have only so much memory, time and output, for ever."""
    for which, limit in (
        (resource.RLIMIT_DATA, limits.CHILD_MEMORY_BYTES),
        (resource.RLIMIT_AS, limits.CHILD_ADDRESS_BYTES),
        (resource.RLIMIT_CPU, limits.CHILD_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, limits.MAX_ANSWER_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (allowed, allowed))


def _answer(task: str, file: BinaryIO, arguments: tuple[str, ...]) -> tuple[dict[str, object], list[bytes]]:
    from jobs.photos.codec import Refused

    try:
        return (_measured(file, *arguments), []) if task == "inspect" else _done(task, file, arguments)
    except Refused as refused:
        return {"refusal": str(refused)}, []
    except MemoryError:
        return {"refusal": TOO_MUCH}, []
    except Exception as error:
        # Decoders throw anything at all, and this process ends here either way.
        return {"refusal": UNREADABLE, "cause": repr(error)[:500]}, []


def _done(task: str, file: BinaryIO, arguments: tuple[str, ...]) -> tuple[dict[str, object], list[bytes]]:
    from jobs.photos import codec

    told: dict[str, object] = {}
    if task == "prepare":
        opened = codec.decode(file, _PHOTO_KINDS, limits.MIN_PHOTO_SIDE)
        told["full"] = codec.upright_size(opened)
        image = codec.within(opened, limits.PREPARED_SHORT_SIDE, limits.PREPARED_LONG_SIDE)
        pictures = [codec.jpeg(image), codec.thumbnail(image)]
    elif task == "crop":
        image = _cropped(file, *arguments)
        pictures = [codec.jpeg(image), codec.thumbnail(image)]
    else:
        opened = codec.decode(file, _RESULT_KINDS, 1)
        image = codec.within(opened, limits.MAX_SIDE, limits.MAX_SIDE)
        pictures = [codec.png(image), codec.thumbnail(image)]
    width, height = image.size
    return {**told, "width": width, "height": height, "sizes": [len(picture) for picture in pictures]}, pictures


def _cropped(file: BinaryIO, box: str) -> "Image.Image":
    from jobs.photos import codec, crop

    opened, part = codec.decode(file, _PHOTO_KINDS, 1), json.loads(box)
    size = crop.decoded_size(part, codec.upright_size(opened))
    image = codec.within(opened, min(size), max(size))
    left, top, width, height = crop.pixels(part, image.size)
    return image.crop((left, top, left + width, top + height))


def _measured(file: BinaryIO, crop: str, detector: str) -> dict[str, object]:
    from jobs.photos import codec
    from jobs.photos.inspection.measure import DETAIL, measured

    opened = codec.decode(file, frozenset({Kind.JPEG}), 1)
    part = json.loads(crop)
    short_side = round(DETAIL / min(part[2], part[3]))
    return {"measures": measured(codec.within(opened, short_side, limits.PREPARED_LONG_SIDE), part, detector)}
