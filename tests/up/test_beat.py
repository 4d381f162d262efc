"""Beat when its broker dies."""

import os
import re
from pathlib import Path

import pytest

from dashboard.up import broker
from dashboard.up.child import Child
from dashboard.up.supervisor import beat_command
from tests.browser.product import ROOT
from tests.up.watched import wait_until

pytestmark = pytest.mark.slow


def test_a_broker_that_is_away_is_one_line_each_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    listen = broker.socket_path(tmp_path)
    told = {"REDIS_URL": f"unix://{listen}", "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    valkey = Child("broker", broker.command(tmp_path, listen), os.environ)
    beat = Child("beat", beat_command(tmp_path), {**os.environ, **told})
    valkey.start()
    beat.start()
    try:
        wait_until(lambda: _waiting(listen) >= 2, "the first messages")
        valkey.kill()
        said = _said_until("Couldn't apply scheduled task", 2, capfd)
        assert beat.is_running
    finally:
        beat.kill()
        valkey.kill()
    assert [line for line in said if not re.match(r"\d{4}-\d\d-\d\dT\S+ \w+ +celery.beat: ", line)] == []


def _waiting(listen: Path) -> int:
    """Messages in beat's queue."""
    import socket

    if not broker.answers(listen):
        return 0
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(listen))
        connection.sendall(b"LLEN poll\r\n")
        return int(connection.recv(64).strip(b":\r\n"))


def _said_until(words: str, times: int, capfd: pytest.CaptureFixture[str]) -> list[str]:
    said: list[str] = []

    def is_enough() -> bool:
        said.extend(line for line in capfd.readouterr().err.splitlines() if "superuser" not in line)
        return sum(words in line for line in said) >= times

    wait_until(is_enough, words)
    return said
