"""Hashing passwords, a few at a time: each takes a processor for a third of a second, and pages need it too."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from dashboard.web.places import Busy

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
LINE = 6
"""So many may stand in line besides: each keeps one of the web server's threads."""
_in_line, _hashing = BoundedSemaphore(AT_ONCE + LINE), BoundedSemaphore(AT_ONCE)


class TooManySignIns(Busy):
    sentence = "Very many people are signing in just now. Wait a moment and send it again."


@contextmanager
def _turn() -> Iterator[None]:
    if not _in_line.acquire(blocking=False):
        raise TooManySignIns(TooManySignIns.sentence)
    try:
        with _hashing:
            yield
    finally:
        _in_line.release()


class PatientHasher(PBKDF2PasswordHasher):
    """Django's own, in turn. Checking a password comes by here as well."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with _turn():
            return str(super().encode(password, salt, iterations))
