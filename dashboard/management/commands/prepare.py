"""Make database and static files ready for this version; safe to repeat."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from dashboard.operations import updates
from dashboard.up import SAID_WHY


class Command(BaseCommand):
    help = "Make the database's tables and collect the static files, as far as either is needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database-only", action="store_true", help="leave the static files as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            copy = updates.update()
        except updates.CannotUpdate as reason:
            self.stderr.write(str(reason))
            sys.exit(SAID_WHY)
        if copy is not None:
            self.stdout.write(f"The database as it was before this update is in {copy} until a later start goes well.")
        if not options["database_only"]:
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
            call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
