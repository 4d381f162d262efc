"""The worker and a broker that dies while the worker is at work."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from dashboard.up import broker
from dashboard.up.child import Child
from tests.browser.product import ROOT
from tests.up.watched import wait_until

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "celery", "--quiet", "--app", "tests.up.sleeper"]
WORKER = ["worker", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Child]:
    child = Child("broker", broker.command(tmp_path, broker.socket_path(tmp_path)), os.environ)
    child.start()
    yield child
    child.kill()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SLEEPER_BROKER": f"redis+socket://{broker.socket_path(tmp_path)}?virtual_host=0"}


@pytest.fixture
def worker(valkey: Child, environment: dict[str, str]) -> Iterator[Child]:
    child = Child("worker", [*COMMAND, *WORKER, "--without-heartbeat", "--loglevel", "ERROR"], environment)
    child.start()
    yield child
    child.kill()


def test_what_a_worker_is_doing_goes_on_when_the_broker_dies(
    worker: Child, valkey: Child, environment: dict[str, str], tmp_path: Path
):
    listen = broker.socket_path(tmp_path)
    wait_until(lambda: broker.answers(listen), "the broker")
    ask_to_sleep(3, tmp_path / "long", environment)
    wait_until((tmp_path / "long.started").exists, "the start of the long task")

    valkey.kill()
    valkey.start()
    wait_until(lambda: broker.answers(listen), "the broker again")
    wait_until((tmp_path / "long").exists, "the end of the long task")
    ask_to_sleep(0, tmp_path / "short", environment)

    wait_until((tmp_path / "short").exists, "the next task")
    assert worker.is_running


def test_b04_a_worker_whose_threads_are_all_stuck_ends_while_messages_wait(
    valkey: Child, environment: dict[str, str], tmp_path: Path
):
    listen = broker.socket_path(tmp_path)
    hurried = {"HEARTBEAT_SECONDS": "0.2", "REDIS_URL": f"unix://{listen}", "DATA_DIR": str(tmp_path)}
    options = ["--queues", "poll", "--without-heartbeat", "--loglevel", "ERROR"]
    worker = Child("worker", [*COMMAND, *WORKER, *options], {**environment, **hurried})
    wait_until(lambda: broker.answers(listen), "the broker")
    worker.start()
    try:
        with Celery("asker", broker=environment["SLEEPER_BROKER"], set_as_current=False) as asker:
            for number in range(20):  # it takes ten, to have them at hand
                asker.send_task("tests.up.sleeper.sleep", [600, str(tmp_path / str(number))], queue="poll")
        wait_until(lambda: not worker.is_running, "the end of the worker")
    finally:
        worker.kill()


def ask_to_sleep(seconds: float, note: Path, environment: dict[str, str]) -> None:
    asked = json.dumps([seconds, str(note)])
    command = [*COMMAND, "call", "tests.up.sleeper.sleep", "--args", asked]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)
