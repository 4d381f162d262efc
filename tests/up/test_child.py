"""One process under the supervisor."""

import os
import signal
import sys
from pathlib import Path

import pytest

from dashboard.up import child as child_module
from dashboard.up.child import FIRST_PAUSE, LONGEST_PAUSE, Child
from tests.up.watched import is_running, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
STARTS_ANOTHER = f"""
import subprocess, sys, time
other = subprocess.Popen({SLEEP!r})
open(sys.argv[1], "w").write(str(other.pid))
time.sleep(60)
"""


def test_it_stops_when_asked():
    child = Child("sleeper", SLEEP, os.environ)
    child.start()
    child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGTERM


def test_one_that_does_not_listen_is_ended_after_its_patience(tmp_path: Path):
    deaf = tmp_path / "deaf"
    child = Child("stubborn", [sys.executable, "-c", STUBBORN, str(deaf)], os.environ, patience=0.3)
    child.start()
    wait_until(deaf.exists, "the end of its listening")
    child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_what_it_started_itself_ends_with_it(tmp_path: Path):
    note = tmp_path / "pid"
    child = Child("parent", [sys.executable, "-c", STARTS_ANOTHER, str(note)], os.environ)
    child.start()
    wait_until(lambda: note.exists() and note.read_text() != "", "the grandchild")
    child.stop()
    wait_until(lambda: not is_running(int(note.read_text())), "the end of the grandchild")


def test_the_pause_before_a_restart_grows_and_has_an_end():
    child = Child("crasher", [sys.executable, "-c", ""], os.environ)
    pauses = []
    for _ in range(9):
        child.start()
        pauses.append(child.plan_restart())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (2 * FIRST_PAUSE, LONGEST_PAUSE)


def test_after_a_stable_time_the_pause_is_short_again(monkeypatch: pytest.MonkeyPatch):
    child = Child("crasher", [sys.executable, "-c", ""], os.environ, pause=LONGEST_PAUSE)
    monkeypatch.setattr(child_module, "STABLE_SECONDS", 0.0)
    child.start()
    assert child.plan_restart() == FIRST_PAUSE
