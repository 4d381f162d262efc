"""A PostgreSQL cluster of one's own, which loses its power now and then."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

from tests.browser.product import free_port

FOLDER = "likeness-postgres-"
"""What the names of its folders begin with."""
PATIENCE = 60.0
"""Seconds that the cluster may take to recover."""


def programs() -> Path:
    """Where the newest PostgreSQL of this machine has its programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise AssertionError("Install PostgreSQL first: apt-get install postgresql")
    return found[-1].parent


class Postgres:
    """A cluster with an empty database, synced to the disk as in production, gone when it is left."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER))
        self.port = free_port()
        self.url = f"postgres://likeness@127.0.0.1:{self.port}/postgres"
        own = {"SECRET_KEY": secrets.token_urlsafe(50), "MASTER_KEYS": secrets.token_hex(32)}
        self.environment = {"DATABASE_URL": self.url, **own}
        """What an installation that uses it is told: with a database of its own it wants its own secrets."""

    def __enter__(self) -> Self:
        if owner := _owner():
            shutil.chown(self.folder, **owner)
        initdb = [programs() / "initdb", "-D", self.folder / "data", "-U", "likeness", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, **_owner())
        self._start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._stop()
        shutil.rmtree(self.folder)

    def cut(self, seconds: float) -> None:
        """Stop it without a word to anybody, as a power cut does, and start it again after so many *seconds*."""
        self._stop()
        time.sleep(seconds)
        self._start()

    def rows(self, question: str, values: tuple[object, ...] = ()) -> list[dict[str, Any]]:
        """The answer to *question*, with `?` for each value; waits while the cluster is away."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self.url, row_factory=dict_row, options="-c TimeZone=UTC") as database:
                    return database.execute(question.replace("?", "%s"), values or None).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def _start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._control("start", "-o", options, "-l", self.folder / "log.txt")

    def _stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def _control(self, *told: str | Path) -> None:
        control = [programs() / "pg_ctl", "-D", self.folder / "data", "-w", "-t", str(int(PATIENCE)), *told]
        subprocess.run(control, check=True, stdout=subprocess.DEVNULL, **_owner())


def _owner() -> dict[str, Any]:
    """Root may not run it, so root does as `postgres`."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
