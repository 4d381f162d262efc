"""When a start must prepare database and static files first."""

import sqlite3
from pathlib import Path

import pytest

from dashboard.up.data_folder import needs_preparation, remember_preparation


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "likeness.sqlite3") as database:
        database.execute("CREATE TABLE job (id INTEGER)")
    database.close()
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").touch()
    remember_preparation(tmp_path, {})
    return tmp_path


def test_a_new_folder_is_prepared(tmp_path: Path):
    assert needs_preparation(tmp_path, {})


def test_a_second_start_takes_the_short_cut(prepared: Path):
    assert not needs_preparation(prepared, {})


def test_rows_are_no_reason_to_prepare(prepared: Path):
    with sqlite3.connect(prepared / "likeness.sqlite3") as database:
        database.execute("INSERT INTO job VALUES (1)")
    database.close()
    assert not needs_preparation(prepared, {})


def test_a_database_put_back_from_a_backup_is_prepared(prepared: Path):
    (prepared / "likeness.sqlite3").unlink()
    with sqlite3.connect(prepared / "likeness.sqlite3") as database:
        database.execute("CREATE TABLE job (id INTEGER)")
        database.execute("CREATE TABLE photo (id INTEGER)")
    database.close()
    assert needs_preparation(prepared, {})


def test_lost_static_files_are_made_again(prepared: Path):
    (prepared / "static" / "staticfiles.json").unlink()
    assert needs_preparation(prepared, {})


def test_a_database_elsewhere_is_always_asked(prepared: Path):
    assert needs_preparation(prepared, {"DATABASE_URL": "postgres://127.0.0.1/likeness"})
