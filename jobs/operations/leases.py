"""Work that one process does at a time, whatever was delivered twice. A lease ends by itself when its holder dies."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs.models import Lease
from jobs.operations.clock import in_seconds


@dataclass(frozen=True)
class Held:
    """A lease we hold, for *seconds* from its last renewal."""

    name: str
    holder: str
    seconds: float

    def renew(self) -> bool:
        """Hold on for the same time again; False when it ran out and somebody else took it."""
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        return mine.update(until=in_seconds(self.seconds)) == 1

    def release(self) -> None:
        Lease.objects.filter(name=self.name, holder=self.holder).delete()


def take(name: str, seconds: float) -> Held | None:
    """The lease called *name*, or None while somebody else holds it."""
    held = Held(name, secrets.token_hex(8), seconds)
    ours: dict[str, Any] = {"holder": held.holder, "until": in_seconds(seconds)}
    if Lease.objects.filter(name=name, until__lte=Now()).update(**ours) == 1:
        return held
    if Lease.objects.filter(name=name).exists():
        return None
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, **ours)
    except IntegrityError:  # somebody else was faster
        return None
    return held


@contextmanager
def lease(name: str, seconds: float) -> Iterator[Held | None]:
    """Hold the lease called *name* while the block runs; gives None when somebody else holds it.

    A block that is killed leaves its lease to run out.
    """
    held = take(name, seconds)
    try:
        yield held
    finally:
        if held is not None:
            held.release()
