"""The command that starts everything, for real: what is killed comes back, what is stopped is gone."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboard.up import data_folder
from tests.up.watched import WatchedProduct, children_of, is_running, parent_of, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedProduct]:
    with WatchedProduct(tmp_path_factory.mktemp("up"), HEARTBEAT_SECONDS="1") as running:
        yield running


def test_it_says_its_address_when_the_page_answers(product: WatchedProduct):
    assert f"Likeness is ready: {product.url}" in product.said


def test_a_first_visitor_gets_a_page(product: WatchedProduct):
    assert httpx.get(product.url, follow_redirects=True).status_code == 200


def test_what_it_keeps_is_readable_by_its_owner_only(product: WatchedProduct):
    kept = [path for path in (product.data, *product.data.rglob("*")) if path.exists()]
    assert [path for path in kept if path.stat().st_mode & 0o077] == []
    assert stat.S_IMODE((product.data / "master_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["broker", "web server", "worker", "beat"])
def test_a_killed_process_comes_back(product: WatchedProduct, kind: str):
    victim = product.child(kind)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: product.child(kind) not in (0, victim), f"a new {kind}")
    time.sleep(4)  # until the heartbeat of before is old
    wait_until(product.is_ready, f"health after the end of the {kind}")


def test_a_web_server_whose_inner_process_dies_comes_back(product: WatchedProduct):
    inner = children_of(product.child("web server"))
    assert inner
    for pid in inner:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, inner)) and product.is_ready(), "health")


def test_b04_a_worker_that_lives_but_takes_nothing_is_replaced(product: WatchedProduct):
    frozen = product.child("worker")
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: not is_running(frozen), "the end of the frozen worker")
    wait_until(product.is_ready, "health")


def test_a_second_copy_on_the_same_folder_is_refused(product: WatchedProduct):
    started = time.monotonic()
    finished = WatchedProduct(product.folder).run_to_its_end()
    assert finished.returncode == 1
    assert f"already running with the data folder {product.data}: {product.url}" in finished.stderr
    assert time.monotonic() - started < data_folder.LEFTOVER_SECONDS, "it waited as if the first copy were dead"
    assert product.is_alive()


def test_a_port_in_use_is_named_with_a_free_one(product: WatchedProduct, tmp_path: Path):
    second = WatchedProduct(tmp_path)
    second.port = product.port
    finished = second.run_to_its_end()
    assert finished.returncode == 1
    assert f"Port {product.port} is used by another program. Choose another one: --port" in finished.stderr


def test_asked_to_stop_it_leaves_no_process(tmp_path: Path):
    with WatchedProduct(tmp_path) as product:
        assert len(product.processes()) >= 6
        product.process.send_signal(signal.SIGTERM)
        assert product.process.wait(90) == 0
        assert product.processes() == []


def test_killed_it_leaves_no_process_and_starts_again_at_once(tmp_path: Path):
    with WatchedProduct(tmp_path) as killed:
        before = killed.processes()
        killed.process.kill()
        killed.process.wait(90)
        with WatchedProduct(tmp_path) as again:
            assert [pid for pid in before if is_running(pid)] == []
            assert [pid for pid in again.processes() if not _descends(pid, again.process.pid)] == []


def test_interrupted_while_it_prepares_it_leaves_no_process(tmp_path: Path):
    product = WatchedProduct(tmp_path)
    with (tmp_path / "log.txt").open("w") as log:
        started = subprocess.Popen(product.command(), env=product.environment, stdout=log, stderr=log)
    wait_until(lambda: "Preparing" in product.said, "the preparation")
    started.send_signal(signal.SIGINT)
    assert started.wait(90) == 0
    assert product.processes() == []


@pytest.mark.parametrize("name", ["team #1 at 100% ?x", "Fotos für “Möwe” %23 & 表"])
def test_a_data_folder_may_have_any_signs_in_its_path(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    with WatchedProduct(tmp_path / name) as product:
        assert (product.data / "likeness.sqlite3").stat().st_size > 0
        assert httpx.get(product.url, follow_redirects=True).url.path == "/welcome/"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def _descends(pid: int, ancestor: int) -> bool:
    while pid > 1 and pid != ancestor:
        pid = parent_of(pid)
    return pid == ancestor
