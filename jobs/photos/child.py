"""The child process that decodes one picture and ends. It reads standard input and writes standard output.

The answer is one line of JSON, then the pictures one after the other. The limits are set before any decoder is loaded.
"""

import json
import resource
import sys
from typing import BinaryIO

from jobs.photos import limits
from jobs.photos.sniff import Kind

_PHOTO_KINDS = frozenset(Kind)
_RESULT_KINDS = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
UNREADABLE = "This photo cannot be read: the file is damaged or only part of it arrived."
TOO_MUCH = "This picture takes too much memory to open. Save it as a smaller JPEG and send that."


def main(task: str, *arguments: str) -> None:
    """Do *task* (`prepare`, `reencode`, `crop` or `inspect`) with the picture on standard input."""
    restrain()
    from jobs.photos.codec import Refused

    header: dict[str, object]
    pictures: list[bytes] = []
    try:
        header, pictures = _done(task, sys.stdin.buffer, arguments)
    except Refused as refused:
        header = {"refusal": str(refused)}
    except MemoryError:
        header = {"refusal": TOO_MUCH}
    except Exception as error:
        # Decoders throw anything at all, and this process ends here either way.
        header = {"refusal": UNREADABLE, "cause": repr(error)[:500]}
    out = sys.stdout.buffer
    out.write(json.dumps(header).encode() + b"\n")
    out.writelines(pictures)
    out.flush()


def restrain() -> None:
    """Let this process have only so much memory, time and output, for ever."""
    for which, limit, spare in (
        (resource.RLIMIT_DATA, limits.CHILD_MEMORY_BYTES, 0),
        (resource.RLIMIT_AS, limits.CHILD_ADDRESS_BYTES, 0),
        # At the soft limit comes a signal that says why, at the hard one the same that anybody may send.
        (resource.RLIMIT_CPU, limits.CHILD_CPU_SECONDS, 1),
        (resource.RLIMIT_FSIZE, limits.MAX_ANSWER_BYTES, 0),
        (resource.RLIMIT_NOFILE, 64, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        hard = resource.getrlimit(which)[1]
        allowed = limit + spare if hard == resource.RLIM_INFINITY else min(limit + spare, hard)
        resource.setrlimit(which, (min(limit, allowed), allowed))


def _done(task: str, file: BinaryIO, arguments: tuple[str, ...]) -> tuple[dict[str, object], list[bytes]]:
    """The header and the pictures of the answer."""
    from jobs.photos import codec, crop

    told: dict[str, object] = {}
    if task == "inspect":
        from jobs.photos.inspection.measure import DETAIL, measured

        box, detector = json.loads(arguments[0]), arguments[1]
        opened = codec.decode(file, frozenset({Kind.JPEG}), 1)
        short_side = round(DETAIL / min(box[2], box[3]))
        return {"measures": measured(codec.within(opened, short_side, limits.PREPARED_LONG_SIDE), box, detector)}, []
    if task == "prepare":
        opened = codec.decode(file, _PHOTO_KINDS, limits.MIN_PHOTO_SIDE)
        told["full"] = codec.upright_size(opened)
        image = codec.within(opened, limits.PREPARED_SHORT_SIDE, limits.PREPARED_LONG_SIDE)
        pictures = [codec.jpeg(image), codec.thumbnail(image)]
    elif task == "crop":
        box = json.loads(arguments[0])
        opened = codec.decode(file, _PHOTO_KINDS, 1)
        size = crop.decoded_size(box, codec.upright_size(opened))
        whole = codec.within(opened, min(size), max(size))
        left, top, width, height = crop.pixels(box, whole.size)
        image = whole.crop((left, top, left + width, top + height))
        pictures = [codec.jpeg(image), codec.thumbnail(image)]
    else:
        opened = codec.decode(file, _RESULT_KINDS, 1)
        image = codec.within(opened, limits.MAX_SIDE, limits.MAX_SIDE)
        pictures = [codec.png(image), codec.thumbnail(image)]
    told |= {"width": image.width, "height": image.height, "sizes": [len(picture) for picture in pictures]}
    return told, pictures
