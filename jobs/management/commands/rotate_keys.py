"""Wrap every stored secret by the first of `MASTER_KEYS`, so that the older ones can be taken away; bind those of
before 0.2.0 to their API key."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q

from dashboard import vault
from dashboard.models import StoredSecret
from jobs.operations.api_keys.keys import renew_secret

BATCH = 100


class Command(BaseCommand):
    """Safe while people work, and to stop and start again: what is done is done."""

    help = (
        "Re-wraps all stored secrets by the first key of MASTER_KEYS. Put the new key first, run this until it says "
        "0 remaining, then remove the old key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="secrets per transaction")
        parser.add_argument("--forget", metavar="NAME", help="delete the secrets of a master key that is lost for good")

    def handle(self, *args: Any, **options: Any) -> None:
        if name := options["forget"]:
            if name in vault.known_master_key_ids():
                raise CommandError(
                    f"The master key {name} is in MASTER_KEYS: nothing is lost, and nothing was deleted."
                )
            StoredSecret.objects.filter(master_key_id=name).delete()
        last: UUID | None = None
        while (last := _rewrap_batch(last, options["batch"])) is not None:
            self.stdout.write(f"{_remaining()} remaining")
        if left := _remaining():
            raise CommandError(f"{left} remaining: their master key is not in MASTER_KEYS, or their bytes are damaged.")
        self.stdout.write(self.style.SUCCESS("0 remaining: the older master keys can be removed."))


def _remaining() -> int:
    return StoredSecret.objects.exclude(master_key_id=vault.current_master_key_id()).count()


def _rewrap_batch(after: UUID | None, size: int) -> UUID | None:
    """Re-wrap the next *size* secrets behind *after* and return the last one's id, or None when there are no more."""
    done = Q(master_key_id=vault.current_master_key_id()) & ~Q(format=1)
    todo = StoredSecret.objects.exclude(done).order_by("id")
    behind = todo.filter(id__gt=after) if after else todo
    last = None
    with transaction.atomic():
        for stored in behind.select_for_update(of=("self",), no_key=True)[:size]:
            last = stored.pk
            # One secret that cannot be opened does not keep the others on the old key; the count names it at the end.
            with suppress(vault.MasterKeyMissing, vault.SecretDamaged):
                if stored.format == 1:
                    renew_secret(stored)
                vault.rewrap(stored)
    return last
