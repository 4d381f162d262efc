"""A look at the head of a trained model. Its format: https://huggingface.co/docs/safetensors#format

Eight bytes say how long the header is, the header is a JSON object, and the rest are numbers. Only the head is read,
and a file of any other format is never opened: formats that can hold programs run them when they are.
"""

import json
from typing import BinaryIO

LARGEST_HEADER = 100_000_000
"""The format's own limit, in bytes."""
LARGEST_PARSED = 4 * 1024 * 1024
"""Bytes of a header that is taken apart, which takes some twenty times as much memory. Image models have 0.5 MB."""


def is_safetensors(file: BinaryIO, size: int) -> bool:
    """Whether *file*, of *size* bytes, begins as a safetensors file does."""
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(LARGEST_HEADER, size - 8):
        return False
    begin = file.tell()
    is_open = file.read(1) == b"{"
    file.seek(begin + max(0, length - 4096))
    last = file.read(min(length, 4096)).rstrip(b" ")[-1:]  # it is filled up to a round length with spaces
    if not is_open or last != b"}":
        return False
    if length > LARGEST_PARSED:
        return True
    file.seek(begin)
    header = file.read(length)
    try:
        json.loads(header)
    except (ValueError, RecursionError):
        return False
    return True
