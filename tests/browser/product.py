"""The product as its README starts it, on a free port of this machine."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
SPEED = {"PRACTICE_TRAINING_SECONDS": "5", "PRACTICE_IMAGE_SECONDS": "0.2"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """`manage.py up` in a folder of its own. Leaving it stops everything, as Ctrl-C does."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**_outside_tests(), **SPEED, **environment}

    def __enter__(self) -> Self:
        command = [sys.executable, "manage.py", "up", "--data", str(self.folder / "data"), "--port", str(self.port)]
        self.log = (self.folder / "log.txt").open("w")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.wait_until_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=90)
        self.log.close()

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Return when the product answers that all its parts are there; raise with its log when it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None or self.is_ready():
                break
            time.sleep(0.2)
        if not self.is_ready():
            raise AssertionError(f"The product did not get ready:\n{(self.folder / 'log.txt').read_text()[-4000:]}")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready/", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


def _outside_tests() -> dict[str, str]:
    """The environment without what the test settings put there: the product makes its own secrets and folder."""
    inside = {"DJANGO_SETTINGS_MODULE", "DATA_DIR", "SECRET_KEY", "MASTER_KEYS", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    kept = {name: value for name, value in os.environ.items() if name not in inside}
    if "DATABASE_URL" in kept:  # a production database wants production secrets
        kept |= {"SECRET_KEY": "browser-tests-" + "0" * 40, "MASTER_KEYS": secrets.token_hex(32)}
    return kept
