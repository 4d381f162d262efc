"""The product's web server and broker, started by the command lines of `manage.py up`, with a broker of its own.

Worker and beat stay away: pages do not need them, and what they do would be counted as the pages' cost.
"""

import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from dashboard.up import broker
from dashboard.up.address import Address, ask
from dashboard.up.child import Child
from dashboard.up.supervisor import prepare_command, web_command
from tests.browser.product import ROOT, free_port

SETTINGS = "tests.benchmarks.settings"


class Server:
    """One web process on an empty data folder. Leaving it stops it."""

    def __init__(self, folder: Path) -> None:
        self.address = Address("127.0.0.1", free_port())
        self.url = self.address.url
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.socket = broker.socket_path(self.data)
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            "DATA_DIR": str(self.data),
            "REDIS_URL": f"unix://{self.socket}",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "PYTHONPATH": str(ROOT),
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_MMAP_THRESHOLD_": "1048576",
            "MALLOC_TRIM_THRESHOLD_": "1048576",
        }
        self.broker = Child("broker", broker.command(self.data, self.socket), self.environment)
        self.web = Child("web server", web_command(self.address), self.environment, when_orphaned=signal.SIGTERM)

    def __enter__(self) -> Self:
        subprocess.run(prepare_command(), env=self.environment, check=True)
        self.broker.start()
        self.web.start()
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.web.stop()
        self.broker.stop()

    @property
    def pid(self) -> int:
        """The web server's first process."""
        if self.web.process is None:
            raise RuntimeError("The web server was not started.")
        return self.web.process.pid

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while ask(self.address, "/health/live/", "localhost")[0] != 200:
            if time.monotonic() > end or not self.web.is_running:
                raise RuntimeError("The web server does not answer.")
            time.sleep(0.1)
