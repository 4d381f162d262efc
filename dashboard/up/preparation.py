"""Whether database and static files must be made ready before a start, told without loading Django.

A second start takes this short cut: the same code, and a database that nobody altered since it was last prepared.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
_SCHEMA_COOKIE = slice(40, 44)
"""Where SQLite's file header counts changes of the schema (sqlite.org/fileformat2.html, 1.3.9)."""


def is_needed(data: Path, env: Mapping[str, str]) -> bool:
    """Whether `manage.py prepare` must run; always where the database is not ours to look into."""
    if env.get("DATABASE_URL") or env.get("DATABASE_URL_FILE"):
        return True
    stamp = data / "prepared"
    return not stamp.exists() or stamp.read_text() != fingerprint(data, env)


def remember(data: Path, env: Mapping[str, str]) -> None:
    """Note that this code has prepared this database."""
    (data / "prepared").write_text(fingerprint(data, env))


def copy_name(version: str) -> str:
    """The file in the data folder to which *version*'s database is copied before an update changes it."""
    return f"before-update-{version}.sqlite3"


def drop_copies(data: Path) -> None:
    """Remove the copies of before earlier updates: this start had nothing to bring up to date, and went well."""
    for copy in data.glob(copy_name("*")):
        copy.unlink(missing_ok=True)


def fingerprint(data: Path, env: Mapping[str, str]) -> str:
    """Changes with our version, the packages, the migrations, the static files and the database's schema."""
    seen = hashlib.sha256()
    for path in _sources():
        found = path.stat()
        seen.update(f"{path.relative_to(BASE)} {found.st_size} {found.st_mtime_ns}\n".encode())
    with suppress(FileNotFoundError), (data / "likeness.sqlite3").open("rb") as database:
        seen.update(database.read(100)[_SCHEMA_COOKIE])
    manifest = Path(env.get("STATIC_ROOT") or data / "static") / "staticfiles.json"
    seen.update(str(manifest.exists()).encode())
    return seen.hexdigest()


def _sources() -> Iterator[Path]:
    yield BASE / "requirements.txt"
    yield BASE / "pyproject.toml"  # it has our version, which the data is to know
    for package in ("dashboard", "jobs"):
        yield from sorted((BASE / package / "migrations").glob("*.py"))
    for folder, folders, files in os.walk(BASE / "static"):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(files))
