"""What the supervisor makes of a health report, and of children that fail."""

import os
import sys

import pytest

from dashboard import CannotStart
from dashboard.up.address import Address
from dashboard.up.child import Child
from dashboard.up.supervisor import Supervisor, is_stuck

WELL = {"database": "ok", "broker": "ok", "seconds_since_heartbeat": 3}


@pytest.mark.parametrize("report", [WELL, WELL | {"broker": "away", "seconds_since_heartbeat": 900}, {}])
def test_a_worker_is_left_alone_when_it_works_or_cannot(report: dict[str, object]):
    assert not is_stuck(report, 180)


@pytest.mark.parametrize("seconds", [181, None])
def test_a_worker_that_is_silent_though_all_is_well_is_stuck(seconds: int | None):
    assert is_stuck(WELL | {"seconds_since_heartbeat": seconds}, 180)


def test_a_step_that_fails_is_a_reason_not_to_start():
    failing = Child("the preparation", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    with pytest.raises(CannotStart, match="The preparation failed"):
        Supervisor(Address("127.0.0.1", 1), "localhost", 20.0).run_once(failing)


def test_a_web_server_that_lives_and_answers_nothing_is_started_again(capsys):
    silent = Child("web server", [sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    supervisor = Supervisor(Address("127.0.0.1", 1), "localhost", 20.0, silent_seconds=-1.0)
    supervisor.add(silent)
    try:
        supervisor._look()
        assert silent.process is None
        assert "The web server has answered nothing" in capsys.readouterr().out
        supervisor._revive(silent)
    finally:
        supervisor.stop()


def test_a_web_server_that_answered_a_moment_ago_is_left_alone():
    busy = Child("web server", [sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    supervisor = Supervisor(Address("127.0.0.1", 1), "localhost", 20.0)
    supervisor.add(busy)
    try:
        supervisor._look()
        assert busy.is_running
    finally:
        supervisor.stop()
