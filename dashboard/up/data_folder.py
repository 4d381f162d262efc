"""The folder that holds everything changeable: the lock that lets one copy of Likeness use it at a time, and whether
the database and the static files in it must be made ready before a start.

The second is told without loading Django. A start takes a short cut with the same code, and a database that nobody
altered since it was last prepared.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dashboard import CannotStart

BASE = Path(__file__).resolve().parents[2]
_SCHEMA_COOKIE = slice(40, 44)
"""Where SQLite's file header counts changes of the schema (sqlite.org/fileformat2.html, 1.3.9)."""
LEFTOVER_SECONDS = 15.0
"""How long to wait for processes of a copy that was killed, before giving up."""


@dataclass(frozen=True)
class DataFolder:
    """A claimed data folder.

    Every child inherits the locked file, so the folder stays claimed until the last process of a copy is gone: two
    brokers never write one file, even when a supervisor was killed and its children are still going.
    """

    path: Path
    lock: int
    """The file descriptor that holds the lock."""

    def note(self, url: str) -> None:
        """Write down for a second copy who has the folder and where it is served."""
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"{os.getpid()} {url}".encode(), 0)

    def release(self) -> None:
        os.close(self.lock)


def claim(path: Path) -> DataFolder:
    """Make the folder where it is missing, for its owner only, and lock it.

    Raises CannotStart when another copy uses it or when nothing can be written there.
    """
    os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path / "likeness.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"The data folder {path} cannot be used: {error.strerror}.") from error
    give_up = time.monotonic() + LEFTOVER_SECONDS
    while not _try_lock(lock):
        process, _, url = os.pread(lock, 1000, 0).decode(errors="replace").partition(" ")
        if _is_running(process) or time.monotonic() > give_up:
            raise CannotStart(
                f"Likeness is already running with the data folder {path}: {url or 'it is just starting'}\n"
                f"Stop that copy first (process {process or 'unknown'}), or use another folder: --data FOLDER"
            )
        time.sleep(0.2)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return DataFolder(path, lock)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_running(process: str) -> bool:
    """Whether the process goes on. One that is dead stays in the kernel's table until its parent asks how it ended."""
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    try:
        state = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # without such files, as on macOS, nobody can tell
        return True
    return state not in {"Z", "X"}


def needs_preparation(data: Path, env: Mapping[str, str]) -> bool:
    """Whether `manage.py prepare` must run; always where the database is not ours to look into."""
    if env.get("DATABASE_URL") or env.get("DATABASE_URL_FILE"):
        return True
    stamp = data / "prepared"
    return not stamp.exists() or stamp.read_text() != fingerprint(data, env)


def remember_preparation(data: Path, env: Mapping[str, str]) -> None:
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
