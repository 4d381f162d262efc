"""What was once released is run on people's data: it is never edited, only followed by more."""

import hashlib
from pathlib import Path

import pytest

from tests.test_imports_go_one_way import ROOT

RELEASED = {
    "dashboard/migrations/0001_initial.py": "8773dcf2119f17bd2004b505bb07209d375f0ca63c94fb43dcd04b656f8fd38e",
    "jobs/migrations/0001_initial.py": "d6c96044496f6fb531b0dc751abbea1be51f888d260cb0f80221c206714a4478",
}
"""SHA-256 of each migration of a released version. Lines are only ever added here."""


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_migration_stays_as_it_is(name: str):
    assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == RELEASED[name], (
        "data that is out there was made by this file: put it back, and write a new migration instead"
    )


def test_migrations_follow_each_other_in_one_line():
    for package in ("dashboard", "jobs"):
        names = sorted(path.name for path in Path(ROOT, package, "migrations").glob("[0-9]*.py"))
        assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1)), names
