"""The product with a view of its processes, as the kernel sees them (Linux)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from tests.browser.product import ROOT, Product

IN_COMMAND_LINE = {"broker": "valkey-server", "web server": "granian", "worker": " worker ", "beat": " beat "}


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 120) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)


class WatchedProduct(Product):
    """`manage.py up`, its processes by their names, and all that belong to its data folder, orphans included."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def said(self) -> str:
        """What it printed so far."""
        return (self.folder / "log.txt").read_text()

    def __enter__(self) -> Self:
        try:
            return super().__enter__()
        except AssertionError:
            self.__exit__()
            raise

    def __exit__(self, *reason: object) -> None:
        super().__exit__(None, None, None)
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)

    def command(self) -> list[str]:
        """The command line once more, for a second copy."""
        up = [sys.executable, str(ROOT / "manage.py"), "up"]
        return [*up, "--data", str(self.data), "--port", str(self.port)]

    def run_to_its_end(self) -> subprocess.CompletedProcess[str]:
        """Run the command where it must refuse to start."""
        return subprocess.run(
            self.command(), env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def is_alive(self) -> bool:
        """Whether the web server answers."""
        try:
            return httpx.get(f"{self.url}/health/live/", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def child(self, kind: str) -> int:
        """The process id of the broker, web server, worker or beat; 0 when there is none."""
        for pid in children_of(self.process.pid):
            if IN_COMMAND_LINE[kind] in command_line(pid):
                return pid
        return 0

    def processes(self) -> list[int]:
        """Every living process but this test's that holds the lock of the data folder or was told to use it."""
        found = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
        return [pid for pid in found if pid != os.getpid() and is_running(pid) and self._owns(pid)]

    def _owns(self, pid: int) -> bool:
        try:
            files = [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
            told = f"DATA_DIR={self.data}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False
        return told or str(self.data / "likeness.lock") in files


def is_running(pid: int) -> bool:
    """Whether the process is there and more than a zombie."""
    return _status(pid)[:1] not in (["Z"], ["X"], [])


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def parent_of(pid: int) -> int:
    return int(_status(pid)[1])


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _status(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
