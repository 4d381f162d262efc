"""`manage.py up`: one command that starts the whole product and stops it again."""

import argparse
import os
import sys
import time
from pathlib import Path
from urllib.parse import quote

from dashboard import CannotStart, environment, master_keys
from dashboard.numbers import whole_number
from dashboard.up import broker, data_folder
from dashboard.up.address import Address, allowed_hosts, host_header, is_private
from dashboard.up.child import Child
from dashboard.up.data_folder import DataFolder, claim
from dashboard.up.supervisor import Supervisor, children, prepare_command
from dashboard.up.terminal import say

BROKER_SECONDS = 30.0
"""How long the broker may take to read its file."""
PAGE_SECONDS = 10.0
"""How long worker and beat wait for the first page, so that people see it sooner."""


def up(arguments: list[str]) -> int:
    """Start Likeness and stay until it is asked to stop; returns the exit status."""
    try:
        options = _parser().parse_args(arguments)
        address = Address(options.host, options.port)
        folder = claim(options.data.expanduser().resolve())
        address.check_free()
        _run(folder, address, _environment(folder, address))
    except CannotStart as reason:
        if str(reason):
            print(reason, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start Likeness.")
    parser.add_argument("--port", type=_port, default=8000, help="the port of the web server (default: 8000)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen at; by default only this computer can connect (127.0.0.1)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=environment.folder("DATA_DIR", default=data_folder.BASE / "data"),
        help="the folder for everything that changes: database, pictures, keys (default: data, beside manage.py)",
    )
    return parser


def _port(text: str) -> int:
    if port := whole_number(text, 1, 65535):
        return port
    raise argparse.ArgumentTypeError(f"{text} is not a port; use a number from 1 to 65535")


def _environment(folder: DataFolder, address: Address) -> dict[str, str]:
    """What the children are told; everything else they find in the environment as we did."""
    env = {**os.environ, "DATA_DIR": str(folder.path), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(data_folder.BASE), os.environ.get("PYTHONPATH")]))
    env.setdefault("CELERY_SKIP_CHECKS", "1")  # they load every page, which the worker never shows
    # glibc otherwise keeps up to 16 heaps for the worker's threads, and in each what large pictures once took.
    env.setdefault("MALLOC_ARENA_MAX", "2")
    env.setdefault("MALLOC_MMAP_THRESHOLD_", "1048576")
    env.setdefault("MALLOC_TRIM_THRESHOLD_", "1048576")
    hosts = allowed_hosts(address, env)
    if hosts is not None:
        env["ALLOWED_HOSTS"] = hosts
    return env


def _run(folder: DataFolder, address: Address, env: dict[str, str]) -> None:
    listen = None if env.get("REDIS_URL") or env.get("REDIS_URL_FILE") else broker.socket_path(folder.path)
    if listen is not None:
        env["REDIS_URL"] = f"unix://{quote(str(listen))}"
    os.environ.update(env)
    from dashboard import settings  # reads what the children will read, and refuses what cannot be meant

    needed = master_keys.needed_by(settings.DATABASE_FILE) if settings.EMBEDDED else []
    if missing := sorted(set(needed) - master_keys.parse(settings.MASTER_KEYS).keys()):
        raise CannotStart(master_keys.missing_in_words(missing))
    supervisor = Supervisor(address, host_header(env), settings.HEARTBEAT_SECONDS)
    supervisor.listen_for_signals()
    folder.note(address.url)
    try:
        if not data_folder.needs_preparation(folder.path, env):
            supervisor.when_ready = lambda: data_folder.drop_copies(folder.path)
        else:
            say(f"Preparing the database and the pages in {folder.path}.")
            supervisor.run_once(Child("the preparation", prepare_command(), env, keep_open=(folder.lock,)))
            if not supervisor.stop_asked:
                data_folder.remember_preparation(folder.path, env)
        for child in children(folder.path, address, env, folder.lock, listen):
            if supervisor.stop_asked:
                return
            supervisor.add(child)
            if child.name == "broker" and listen is not None:
                _wait_for_broker(supervisor, listen, folder.path)
            elif child.name == "web server":
                supervisor.wait_for_page(PAGE_SECONDS)
        if not is_private(address.host):
            say("Other computers can reach this one. Open it first yourself: the first visitor becomes its owner.")
        supervisor.watch()
        say("Stopping.")
    finally:
        supervisor.stop()
        folder.release()


def _wait_for_broker(supervisor: Supervisor, listen: Path, data: Path) -> None:
    child, give_up, told = supervisor.children[0], time.monotonic() + BROKER_SECONDS, ""
    while not broker.answers(listen) and not supervisor.stop_asked:
        if not child.is_running and not told and (told := broker.set_aside(data)):
            say(told)
            child.start()
        if not child.is_running or time.monotonic() > give_up:
            raise CannotStart(f"The message broker did not start; see {broker.log_file(data)}")
        time.sleep(0.02)
