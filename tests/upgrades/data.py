"""A data folder of version 0.1.0 as if it had been left a minute ago."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

FIXTURE = Path(__file__).parent / "v0_1_0"
KNOWN: dict[str, Any] = json.loads((FIXTURE / "providers.json").read_text())
"""When it was made, and the orders that the emulated providers had taken by then."""
IDLE = 60.0
"""Seconds since the last process of 0.1.0 ended."""


def lay_out(folder: Path) -> Path:
    """Put the data into *folder* and return its database. Every time in it is moved to the present day."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(FIXTURE / "media", folder / "media", dirs_exist_ok=True)
    (folder / "master_key").write_text(settings.MASTER_KEYS[0])
    database = folder / "likeness.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.executescript(gzip.decompress((FIXTURE / "likeness.sql.gz").read_bytes()).decode())
        opened.execute("PRAGMA journal_mode=WAL")
        _move_to_today(opened)
        opened.commit()
    return database


def _move_to_today(opened: sqlite3.Connection) -> None:
    """The practice provider keeps seconds since 1970 in its documents, everybody else a column of its own."""
    age = (datetime.now(UTC) - datetime.fromisoformat(KNOWN["made_at"])).total_seconds() - IDLE
    for table, column in columns(opened, "datetime"):
        moved = f"strftime('%Y-%m-%d %H:%M:%f', \"{column}\", '+{age} seconds')"
        opened.execute(f'UPDATE "{table}" SET "{column}" = {moved} WHERE "{column}" IS NOT NULL')
    for pk, body in opened.execute("SELECT id, body FROM jobs_practicerecord").fetchall():
        document = json.loads(body)
        for name in ("at", "cancelled_at"):
            if document.get(name):
                document[name] += age
        opened.execute("UPDATE jobs_practicerecord SET body = ? WHERE id = ?", (json.dumps(document), pk))


def columns(opened: sqlite3.Connection, kind: str) -> list[tuple[str, str]]:
    """Each table and column of that declared type; those that the database works out itself are not listed."""
    tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%\\_%' ESCAPE '\\'")
    names = [name for (name,) in tables.fetchall() if not name.startswith("sqlite_")]
    found = [(table, column) for table in names for column in opened.execute(f'PRAGMA table_info("{table}")')]
    return [(table, column[1]) for table, column in found if column[2] == kind]


@contextmanager
def using(name: str) -> Iterator[None]:
    """All connections of this process lead to the database called *name*; threads open theirs by the same settings."""
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
