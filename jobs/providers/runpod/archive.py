"""What the photos are called in the zip: the worker learns a photo's words from the name of its file."""

import re

from jobs.providers.order import Order

_KEPT = re.compile(r"[^\w ]+|[\d_]+")
"""What the trainer leaves out of a name, and what does not belong into a file's name."""
_LONGEST = 150
"""Bytes of a name before its number."""


def concept(order: Order) -> str:
    """What the photos of *order* show, in words: "ukj person"."""
    return str(order.training.get("concept_name") or f"{order.token} {order.class_word}").strip()


def archive_names(order: Order) -> tuple[str, ...]:
    """ "ukj person (0).jpg" and on: flat and unique."""
    words = " ".join(_KEPT.sub(" ", concept(order)).split()) or "photo"
    stem = words.encode()[:_LONGEST].decode(errors="ignore").strip()
    return tuple(f"{stem} ({number}).jpg" for number in range(len(order.photos)))


def is_kept(name: str) -> bool:
    """Whether the trainer reads *name* as it is: it takes digits, hyphens and underlines out."""
    return _KEPT.search(name) is None
