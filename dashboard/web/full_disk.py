"""Whether something failed because there is no room left on the server's disk."""

import errno
import shutil

from django.conf import settings
from django.db import OperationalError

LEAST = 1 << 20
"""Bytes below which nothing can be counted on to be written."""
_SAID = ("disk is full", "No space left on device", "Disk quota exceeded")


def is_full() -> bool:
    """Whether the disk with the data has no room to speak of."""
    return settings.EMBEDDED and shutil.disk_usage(settings.DATA_DIR).free < LEAST


def is_reason(error: BaseException | None) -> bool:
    """Whether *error*, or what it came of, means a full disk. SQLite also calls that an input or output error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, OperationalError) and (any(said in str(error) for said in _SAID) or is_full()):
            return True
        error = error.__cause__ or error.__context__
    return False
