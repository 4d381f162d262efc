"""One copy at a time uses a data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import CannotStart
from dashboard.up import data_folder
from dashboard.up.data_folder import claim
from tests.up.watched import is_running, wait_until


@pytest.fixture(autouse=True)
def _same_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_the_folder_is_made_for_its_owner_only(tmp_path: Path):
    folder = claim(tmp_path / "new" / "data")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.release()


def test_a_second_copy_is_told_where_the_first_one_is(tmp_path: Path):
    first = claim(tmp_path)
    first.note("http://127.0.0.1:8123")
    with pytest.raises(CannotStart, match=r"already running .*: http://127\.0\.0\.1:8123"):
        claim(tmp_path)
    first.release()


def test_after_the_first_copy_ended_the_folder_is_free(tmp_path: Path):
    claim(tmp_path).release()
    claim(tmp_path).release()


def test_what_a_killed_copy_left_behind_is_waited_for(tmp_path: Path):
    folder = claim(tmp_path)
    left_behind = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"], pass_fds=[folder.lock])
    os.pwrite(folder.lock, b"999999999 http://127.0.0.1:8123", 0)
    folder.release()
    claim(tmp_path).release()
    assert left_behind.wait(60) == 0


def test_a_copy_that_died_and_whose_parent_has_not_noticed_is_not_taken_for_running(tmp_path: Path):
    folder = claim(tmp_path)
    left_behind = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"], pass_fds=[folder.lock])
    dead = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: not is_running(dead.pid), "its end")
    os.pwrite(folder.lock, f"{dead.pid} http://127.0.0.1:8123".encode(), 0)
    folder.release()
    claim(tmp_path).release()
    assert left_behind.wait(60) == dead.wait(60) == 0


def test_what_never_ends_is_named_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(data_folder, "LEFTOVER_SECONDS", 0.1)
    folder = claim(tmp_path)
    os.pwrite(folder.lock, b"999999999", 0)
    with pytest.raises(CannotStart, match="already running"):
        claim(tmp_path)
    folder.release()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="cannot be used: Not a directory"):
        claim(tmp_path / "file" / "data")
