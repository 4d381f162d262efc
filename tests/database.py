"""The SQLite database of the tests: migrated once for each set of migrations and models, copied ever after.

Migrating takes longer than the tests of most files. The copy stands in pytest's cache; `--create-db` makes it anew.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).parents[1]
DECIDE = ("*/migrations/*.py", "*/models/**/*.py", "dashboard/settings.py", "requirements.txt")
"""Whatever says what a new database holds: its tables, and the permissions and content types of its models."""


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_createdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    if connection.vendor != "sqlite":
        request.getfixturevalue("django_db_setup")  # pytest-django's own, which this one stands in front of
        yield
        return
    kept = request.config.cache.mkdir("database") / f"{fingerprint()}.sqlite3"
    if django_db_createdb or not kept.exists():
        request.getfixturevalue("django_db_setup")
        keep(Path(connection.settings_dict["NAME"]), kept)
        yield
        return
    with django_db_blocker.unblock():
        connection.close()
    own = settings.DATABASES["default"]["TEST"]["NAME"]
    shutil.copyfile(kept, own)
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = own
    yield
    with django_db_blocker.unblock():
        connection.close()


def fingerprint() -> str:
    files = sorted(path for pattern in DECIDE for path in ROOT.glob(pattern))
    texts = (hashlib.sha256(path.read_bytes()).hexdigest() + path.name for path in files)
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:32]


def keep(made: Path, kept: Path) -> None:
    """Keep a copy of the database just made, whole at once: several workers may do so at the same time."""
    new = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(made)) as source:
        source.execute("VACUUM INTO ?", [str(new)])
    new.replace(kept)
    for older in kept.parent.glob("*.sqlite3"):
        if older != kept:
            older.unlink(missing_ok=True)
