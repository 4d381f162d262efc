"""Say that the database was restored from a backup, where it cannot notice that itself."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs.operations.jobs import restores


class Command(BaseCommand):
    """Safe to repeat, and when it was not so: then it asks about orders that nobody sent."""

    help = (
        "Run this after a backup was put back and before anything starts: orders that may have been sent since the "
        "backup was made are then looked for at their provider, or put before a person, and not sent again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare", database_only=True)
        count = restores.mark()
        self.stdout.write(
            f"Noted. Orders that wait, because they may have been sent since the backup was made: {count}. Each is "
            "looked for at its provider, or put before a person. Jobs that had been sent before are found again there."
        )
