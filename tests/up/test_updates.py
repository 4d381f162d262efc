"""A start with data of another version: an earlier one's is copied and brought up to date, a later one's refused."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from dashboard import SAID_WHY, VERSION
from tests.browser.product import ROOT
from tests.up.watched import WatchedProduct
from tests.upgrades.data import lay_out, using

COPY = "before-update-0.1.0.sqlite3"

Prepare = Callable[[], tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of 0.1.0."""
    lay_out(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def prepare(data: Path, settings: Any, capfd: pytest.CaptureFixture[str], django_db_blocker: Any) -> Iterator[Prepare]:
    """What a start does before it starts anything, and every start of the containers: status, output and errors."""
    settings.DATA_DIR = data

    def run() -> tuple[int, str, str]:
        try:
            call_command("prepare", database_only=True)
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capfd.readouterr()

    with django_db_blocker.unblock(), using(str(data / "likeness.sqlite3")):
        yield run


def ask(database: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(question).fetchall()


def migrations(database: Path) -> set[tuple[object, ...]]:
    return set(ask(database, "SELECT app, name FROM django_migrations"))


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """A file that grows beyond *size* bytes meets an error, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def add_migration_of_later(data: Path, version: str = "9.9.9") -> None:
    database = data / "likeness.sqlite3"
    ask(database, "INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '9999_later', '2030-01-01')")
    ask(database, f"UPDATE dashboard_installation SET version = '{version}'")


def test_the_database_is_copied_before_it_is_changed_with_what_waits_in_the_log(data: Path, prepare: Prepare):
    database, before = data / "likeness.sqlite3", migrations(data / "likeness.sqlite3")
    with closing(sqlite3.connect(database)) as still_open:
        still_open.execute("PRAGMA wal_autocheckpoint=0")
        still_open.execute("UPDATE dashboard_workspace SET name = 'Written last' WHERE slug = 'studio'")
        still_open.commit()
        status, told, errors = prepare()
    assert (status, errors) == (0, "")
    assert str(data / COPY) in told
    assert migrations(data / COPY) == before < migrations(database)
    assert ask(data / COPY, "SELECT name FROM dashboard_workspace WHERE slug = 'studio'") == [("Written last",)]
    assert (data / COPY).stat().st_mode & 0o077 == 0
    assert ask(database, "SELECT version FROM dashboard_installation") == [(VERSION,)]


def test_what_is_up_to_date_is_not_copied(data: Path, prepare: Prepare):
    prepare()
    (data / COPY).unlink()
    assert prepare() == (0, "", "")
    assert list(data.glob("before-update-*")) == []


def test_a_new_folder_has_nothing_to_copy(data: Path, prepare: Prepare):
    connection.close()
    for file in data.glob("likeness.sqlite3*"):
        file.unlink()
    assert prepare()[0] == 0
    assert list(data.glob("before-update-*")) == []


def test_the_copy_of_an_update_that_was_cut_off_is_kept(data: Path, prepare: Prepare):
    (data / COPY).write_bytes((data / "likeness.sqlite3").read_bytes())
    before = migrations(data / COPY)
    ask(data / "likeness.sqlite3", "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', '2030-01-01')")
    assert prepare()[0] == 0
    assert migrations(data / COPY) == before


def test_an_older_copy_makes_room_for_a_new_one(data: Path, prepare: Prepare):
    (data / COPY).write_bytes((data / "likeness.sqlite3").read_bytes())
    ask(data / "likeness.sqlite3", "UPDATE dashboard_workspace SET name = 'A day later' WHERE slug = 'studio'")
    assert prepare()[0] == 0
    assert ask(data / COPY, "SELECT name FROM dashboard_workspace WHERE slug = 'studio'") == [("A day later",)]


def test_a_full_disk_is_told_in_a_sentence_and_nothing_is_changed(data: Path, prepare: Prepare):
    before = migrations(data / "likeness.sqlite3")
    with no_file_longer_than(64 * 1024):
        status, _, told = prepare()
    assert status == SAID_WHY
    assert told.startswith("The database could not be copied before the update")
    assert len(told.splitlines()) == 1
    assert migrations(data / "likeness.sqlite3") == before
    assert list(data.glob("before-update-*")) == []


@pytest.mark.parametrize(("version", "told"), [("9.9.9", "Likeness 9.9.9"), ("", "a later version")])
def test_data_of_a_later_version_is_refused_in_a_sentence(data: Path, prepare: Prepare, version: str, told: str):
    prepare()
    add_migration_of_later(data, version)
    status, _, errors = prepare()
    assert status == SAID_WHY
    assert f"was last used by {told}, and this is Likeness {VERSION}" in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.slow
def test_up_refuses_data_of_a_later_version_before_anything_starts(data: Path, prepare: Prepare):
    prepare()
    add_migration_of_later(data)
    product = WatchedProduct(data.parent)
    finished = product.run_to_its_end()
    assert finished.returncode == 1
    assert "was last used by Likeness 9.9.9" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
    assert not (data / "valkey").exists()
    assert product.processes() == []


@pytest.mark.slow
def test_the_copy_is_kept_until_a_later_start_goes_well(data: Path):
    with WatchedProduct(data.parent):
        assert (data / COPY).exists()
    with WatchedProduct(data.parent):
        assert not (data / COPY).exists()


def test_the_version_is_told():
    told = subprocess.run([sys.executable, str(ROOT / "manage.py"), "--version"], capture_output=True, check=True)
    assert told.stdout.decode() == f"Likeness {VERSION}\n"
