"""The data of 0.1.0 after this version's own start, as the database and the files that this test has."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from dashboard.models import User
from dashboard.up.supervisor import prepare_command
from jobs.operations.providers import provider
from tests.conftest import client_of
from tests.upgrades.data import columns, lay_out, using

FROZEN = [("dashboard", "0001_initial"), ("jobs", "0001_initial")]


@pytest.fixture(scope="session")
def updated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Path]:
    """A data folder of 0.1.0 that was brought up to date, once for all tests; on PostgreSQL, a database besides."""
    folder = tmp_path_factory.mktemp("updated")
    database = lay_out(folder)
    if connection.vendor == "sqlite":
        env = {**os.environ, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        subprocess.run([*prepare_command(), "--database-only"], env=env, check=True, timeout=120)
        yield folder
        return
    with django_db_blocker.unblock(), _postgres_database(f"updated_{os.getpid()}"):
        with using(f"updated_{os.getpid()}"):
            _migrate_to_frozen()
            _load(database)
            call_command("prepare", database_only=True)
        yield folder


@pytest.fixture
def upgraded(updated: Path, tmp_path: Path, settings: Any, django_db_blocker: Any) -> Iterator[Path]:
    """A copy of it, which this test may change; what is asked of the database goes there."""
    folder = tmp_path / "data"
    shutil.copytree(updated, folder)
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "media"}}
    settings.STORAGES = {**settings.STORAGES, "default": files}
    settings.DATA_DIR = folder
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with using(str(folder / "likeness.sqlite3")):
                yield folder
        else:
            name = f"upgraded_{os.getpid()}"
            with _postgres_database(name, template=f"updated_{os.getpid()}"), using(name):
                yield folder


@pytest.fixture
def as_owner(upgraded: Path) -> Client:
    """Jon, who owns the studio and looks after the server."""
    return client_of(User.objects.get(email="jon@example.com"))


@pytest.fixture
def providers_anew() -> Iterator[None]:
    """Providers that are made with this test's settings."""
    provider.cache_clear()
    yield
    provider.cache_clear()


@contextmanager
def _postgres_database(name: str, template: str = "template1") -> Iterator[None]:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate_to_frozen() -> None:
    """Tables as 0.1.0 made them; those of other packages do not come from us."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in {"dashboard", "jobs"}]
    executor.migrate([*others, *FROZEN])
    call_command("createcachetable", verbosity=0)


def _load(database: Path) -> None:
    """The rows of the SQLite file into PostgreSQL, each value as its column there wants it."""
    with closing(sqlite3.connect(database)) as source, connection.cursor() as cursor:
        source.row_factory = sqlite3.Row
        cursor.execute("SET session_replication_role = replica")  # rows may come before those that they refer to
        for table in sorted({table for kind in _kinds(source) for table, _ in columns(source, kind)}):
            if table in {"django_migrations", "sqlite_sequence"}:
                continue
            cursor.execute(f'TRUNCATE "{table}" CASCADE')
        for table in sorted({table for kind in _kinds(source) for table, _ in columns(source, kind)}):
            if table != "django_migrations":
                _copy(source, table, cursor)
        cursor.execute("SET session_replication_role = DEFAULT")
        sequences = connection.introspection.sequence_list()
        for one in sequences:
            table, column = one["table"], one["column"]
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), "
                f'coalesce(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table}"'
            )


def _kinds(source: sqlite3.Connection) -> set[str]:
    tables = [row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {column[2] for table in tables for column in source.execute(f'PRAGMA table_info("{table}")')}


def _copy(source: sqlite3.Connection, table: str, cursor: Any) -> None:
    cursor.execute("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s", [table])
    types = dict(cursor.fetchall())
    rows = source.execute(f'SELECT * FROM "{table}"').fetchall()
    names = [row[1] for row in source.execute(f'PRAGMA table_info("{table}")')]
    holes = ", ".join(f"%s::{types[name]}" for name in names)
    target = ", ".join(f'"{name}"' for name in names)
    for row in rows:
        values = [_value(row[name], types[name]) for name in names]
        cursor.execute(f'INSERT INTO "{table}" ({target}) OVERRIDING SYSTEM VALUE VALUES ({holes})', values)


def _value(value: Any, kind: str) -> Any:
    if value is not None and kind == "timestamptz":
        return f"{value}+00"
    return bool(value) if value is not None and kind == "bool" else value
