"""The emulated bucket: pictures and checkpoints that follow from their ids, at signed addresses that run out."""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from random import Random
from urllib.parse import parse_qs, urlsplit

from PIL import Image, ImageDraw

_BLOCK = 65536
_IMAGE = re.compile(r"/files/images/([\w-]+?)-(\d{1,5})x(\d{1,5})\.png")
_CHECKPOINT = re.compile(r"/files/models/([\w-]+?)-(\d{1,15})-until-(\d{1,12})\.(safetensors|ckpt)")
_ZIPPED = b"PK\x03\x04"


@dataclass(frozen=True)
class Content:
    """The bytes of one result: *size* of them; the same *id* gives the same bytes."""

    id: str
    size: int
    picture: bytes | None = None
    is_ckpt: bool = False

    @property
    def etag(self) -> str:
        return f'"{sha256(f"{self.id}/{self.size}".encode()).hexdigest()[:32]}"'

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from *start* to *stop* (the end)."""
        stop = self.size if stop is None else min(stop, self.size)
        for number in range(start // _BLOCK, (max(stop, start) + _BLOCK - 1) // _BLOCK):
            begin = number * _BLOCK
            yield self._block(number)[max(start - begin, 0) : stop - begin]

    def _block(self, number: int) -> bytes:
        if self.picture is not None:
            return self.picture[number * _BLOCK : (number + 1) * _BLOCK]
        block = number.to_bytes(8, "big") + _noise(self.id)[8:]
        return block if number else self._opening + block[len(self._opening) :]

    @property
    def _opening(self) -> bytes:
        return _ZIPPED if self.is_ckpt else _safetensors_header(self.id)

    def sha256(self) -> str:
        found = sha256()
        for chunk in self.chunks():
            found.update(chunk)
        return found.hexdigest()


@lru_cache(64)
def _noise(id_: str) -> bytes:
    return Random(id_).randbytes(_BLOCK)


def _safetensors_header(id_: str) -> bytes:
    header = json.dumps({"__metadata__": {"made_by": "an emulator", "id": id_}}).encode()
    return len(header).to_bytes(8, "little") + header


@lru_cache(256)
def _picture(id_: str, width: int, height: int) -> bytes:
    chance = Random(id_)
    image = Image.new("RGB", (width, height), tuple(chance.randbytes(3)))
    corners = (width * 0.2, height * 0.2, width * 0.8, height * 0.8)
    ImageDraw.Draw(image).ellipse(corners, fill=tuple(chance.randbytes(3)))
    content = BytesIO()
    image.save(content, "PNG", compress_level=1)
    return content.getvalue()


@dataclass(frozen=True)
class Signing:
    """How a bucket words its signed addresses, and what it says when one has run out."""

    word: str
    algorithm: str
    expired: tuple[int, str]


GOOGLE = Signing("X-Goog", "GOOG4-RSA-SHA256", (400, "ExpiredToken"))
AMAZON = Signing("X-Amz", "AWS4-HMAC-SHA256", (403, "AccessDenied"))


class Files:
    """Signs addresses and checks them. *seed* is what the signing key follows from."""

    def __init__(self, seed: int, signing: Signing) -> None:
        self._key, self._signing = f"bucket/{seed}".encode(), signing

    def image(self, base_url: str, now: float, id_: str, size: tuple[int, int], life: int) -> str:
        return self._signed(base_url, f"/files/images/{id_}-{size[0]}x{size[1]}.png", now, life)

    def checkpoint(self, base_url: str, ended: float, name: str, size: int, life: int) -> str:
        """*name* ends in what kind of file it is."""
        stem, _, kind = name.rpartition(".")
        path = f"/files/models/{stem}-{size}-until-{int(ended) + life}.{kind}"
        return self._signed(base_url, path, ended, life)

    def _signed(self, base_url: str, path: str, begun: float, life: int) -> str:
        stamp = datetime.fromtimestamp(begun, UTC).strftime("%Y%m%dT%H%M%SZ")
        told = {"Algorithm": self._signing.algorithm, "Date": stamp, "Expires": life, "SignedHeaders": "host"}
        told["Signature"] = self._signature(path, stamp, str(life))
        return f"{base_url}{path}?" + "&".join(f"{self._signing.word}-{name}={value}" for name, value in told.items())

    def _signature(self, path: str, stamp: str, life: str) -> str:
        return hmac.new(self._key, f"{path}|{stamp}|{life}".encode(), sha256).hexdigest()

    def open(self, target: str, now: float) -> Content | tuple[int, str]:
        """The content behind a request's target, or status and code of an XML error."""
        parts = urlsplit(target)
        told = {
            name.removeprefix(f"{self._signing.word}-"): values[0] for name, values in parse_qs(parts.query).items()
        }
        stamp, life = told.get("Date", ""), told.get("Expires", "")
        if not hmac.compare_digest(told.get("Signature", ""), self._signature(parts.path, stamp, life)):
            return 403, "SignatureDoesNotMatch"
        begun = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if now >= begun + int(life):
            return self._signing.expired
        return content_of(parts.path) or (404, "NoSuchKey")


def content_of(path: str) -> Content | None:
    """What lies at *path*, signature aside."""
    if found := _IMAGE.fullmatch(path):
        picture = _picture(found[1], int(found[2]), int(found[3]))
        return Content(found[1], len(picture), picture)
    found = _CHECKPOINT.fullmatch(path)
    if found is None:
        return None
    return Content(found[1], int(found[2]), is_ckpt=found[4] == "ckpt")
