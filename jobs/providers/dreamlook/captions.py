"""Captions as dreamlook reads them: one JSON file, by the name at the end of each photo's address."""

import json
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from jobs.providers.order import OrderPhoto


def basename(photo: OrderPhoto) -> str:
    """The name dreamlook knows *photo* by: the end of its address without the query; its own where it has none."""
    return unquote(urlsplit(photo.url).path.rpartition("/")[2]) or photo.name


def captions_file(photos: Sequence[OrderPhoto]) -> bytes:
    """`{"photo-1.jpg": "…"}` for those that have a caption; nothing when none has one."""
    captions = {basename(photo): photo.caption.strip() for photo in photos if photo.caption.strip()}
    return json.dumps(captions, ensure_ascii=True).encode() if captions else b""
