"""Make database and static files ready for this version; safe to repeat.

A database of an earlier version is brought up to date, and one of a later version is not touched.
"""

import fcntl
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from dashboard import SAID_WHY, VERSION, CannotStart
from dashboard.models import Installation
from dashboard.operations import starting
from dashboard.operations.starting import FIRST
from dashboard.up.data_folder import copy_name

LOCK = 0x6C696B65
"""The number of our advisory lock in PostgreSQL: nothing else of ours takes one."""


class Command(BaseCommand):
    help = "Make the database's tables and collect the static files, as far as either is needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database-only", action="store_true", help="leave the static files as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with alone():
                copy = update()
                bucket_trouble = make_bucket() if settings.S3_BUCKET else ""
        except CannotStart as reason:
            self.stderr.write(str(reason))
            sys.exit(SAID_WHY)
        if bucket_trouble:
            self.stderr.write(bucket_trouble)
        if copy is not None:
            self.stdout.write(f"The database as it was before this update is in {copy} until a later start goes well.")
        if not options["database_only"]:
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
            call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)


@contextmanager
def alone() -> Iterator[None]:
    """Two containers that start at once prepare one after the other; the second finds nothing left to do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])  # else the end of the connection gives it back
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_bucket() -> str:
    """Make the bucket for files where there is none. Returns a sentence when nobody can tell whether there is one: a
    storage that is away for a moment, or a key that may only read and write files, keeps nothing from starting."""
    files: Any = storages["default"]
    client, region = files.connection.meta.client, files.region_name
    # Amazon wants every region named but its first, which must not be.
    place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
    try:
        try:
            client.head_bucket(Bucket=settings.S3_BUCKET)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
                raise
            client.create_bucket(Bucket=settings.S3_BUCKET, **place)
    except (BotoCoreError, ClientError) as error:
        return f"Nobody knows whether the bucket {settings.S3_BUCKET} exists ({error}). If not, make it by hand."
    return ""


def update() -> Path | None:
    """Make the database's tables as this version needs them, and note the version in it.

    A SQLite database that an earlier version made is copied first; returns where to, or None where nothing was to be
    changed. Raises `CannotStart`, before anything was changed, for data of a later version, when a master key is
    missing and when the copy fails.
    """
    starting.refuse_later_version()
    starting.refuse_missing_master_keys()
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations or ())
    is_behind = bool(loader.disk_migrations.keys() - applied)
    copy = _copied(applied) if applied and is_behind and connection.vendor == "sqlite" else None
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    Installation.objects.exclude(version=VERSION).update(version=VERSION)
    return copy


def _copied(applied: set[tuple[str, str]]) -> Path:
    """The copy of the database as it is before the update, in the data folder. *applied* are apps with migrations.

    An update that was cut off half-way leaves its copy, and that is the better one: it stays. Every other one is of an
    older day and is written anew.
    """
    copy = settings.DATA_DIR / copy_name(starting.version_of_data() or FIRST)
    if copy.exists():
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as database:
            copied = set(database.execute("SELECT app, name FROM django_migrations"))
        if copied < applied:
            return Path(copy)
    unfinished = copy.with_suffix(".part")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
        connection.ensure_connection()
        with closing(sqlite3.connect(unfinished)) as target:
            connection.connection.backup(target)  # what is still in the write-ahead log comes along
        unfinished.replace(copy)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        megabytes = Path(connection.settings_dict["NAME"]).stat().st_size / 1e6
        raise CannotStart(
            f"The database could not be copied before the update ({error}): make room in {settings.DATA_DIR} "
            f"(at least {megabytes:.0f} MB) and start again. Nothing was changed."
        ) from error
    return Path(copy)
