"""The emulated dreamlook itself: what other tests rely on."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from jobs.providers.errors import ProviderError
from jobs.providers.order import Kind
from jobs.providers.reply import State
from tests.providers.dreamlook.orders import STUDIO, both, dreamlook, generation, photos, training
from tests.providers.emulators.dreamlook import Emulator, Fault, emulated
from tests.providers.emulators.dreamlook.faults import CATALOGUE
from tests.providers.kit.loopback import Loopback, loopback, send


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def take_it(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"ok")


def called_back(emulator: Emulator, listener: Loopback, fault: Fault | None, calls: int = 1) -> list[tuple[str, bytes]]:
    """Order, wait for the end, and return the callbacks as path and body."""
    emulator.faults.plan("callback", fault)
    dreamlook(emulator.url).submit(training(callback_url=f"{listener.url}/callbacks/token-of-ours/"), STUDIO)
    emulator.clock.advance(60)
    wait_until(lambda: len(listener.seen) >= calls)
    return [(path, body) for _, path, _, body in listener.seen]


def test_tokens_are_charged_for_each_order_taken_and_for_nothing_else(emulator, service):
    before = emulator.service.tokens["dl-emulator"]
    for order in (training(), training(), generation(), both(), training(dry_run=True)):
        service.submit(order, STUDIO)
    emulator.faults.plan("submit", Fault("status", accept=False, status=503))
    with pytest.raises(ProviderError):
        service.submit(training(), STUDIO)
    assert [charge.tokens for charge in emulator.service.ledger] == [1200, 1200, 20, 1240]
    assert before - emulator.service.tokens["dl-emulator"] == 3660


def test_an_order_taken_twice_is_charged_twice_and_shows_on_the_ledger(emulator, service):
    emulator.faults.plan("submit", Fault("twice"))
    service.submit(training(), STUDIO)
    assert [charge.request["callback"] for charge in emulator.service.ledger] == [training().callback_url] * 2


def met(seed: int) -> list[str]:
    """What chance brings with this seed."""
    with emulated(seed=seed) as emulator:
        emulator.faults.mischief(0.5)
        drawn = [emulator.faults.take(door) for _ in range(30) for door in CATALOGUE]
        return [f"{fault.name} {fault.accept}" if fault else "" for fault in drawn]


def test_the_same_seed_brings_the_same_faults():
    assert met(1) == met(1) != met(2)


def test_mischief_meets_about_the_share_it_was_told_and_then_stops(emulator):
    emulator.faults.mischief(0.3)
    hit = sum(emulator.faults.take("read") is not None for _ in range(1000))
    assert 250 < hit < 350
    emulator.faults.behave()
    assert emulator.faults.take("read") is None


def test_a_callback_brings_the_job_object_when_the_job_has_ended(emulator):
    with loopback(take_it) as listener:
        ((path, body),) = called_back(emulator, listener, None)
    assert path == "/callbacks/token-of-ours/"
    assert (json.loads(body)["state"], json.loads(body)["config"]["callback"]) == ("success", f"{listener.url}{path}")


@pytest.mark.parametrize(
    ("fault", "calls", "check"),
    [
        (Fault("many", count=5), 5, lambda seen: len({body for _, body in seen}) == 1),
        (Fault("forged"), 1, lambda seen: seen[0][0] != "/callbacks/token-of-ours/"),
        (Fault("reversed"), 2, lambda seen: [json.loads(body)["state"] for _, body in seen] == ["success", "running"]),
        (Fault("malformed"), 1, lambda seen: not seen[0][1].endswith(b"}")),
        (Fault("huge_body"), 1, lambda seen: len(seen[0][1]) > 10_000_000),
        (Fault("deep"), 1, lambda seen: set(seen[0][1]) == set(b"[")),
        (Fault("disagrees"), 1, lambda seen: json.loads(seen[0][1])["state"] == "failure"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_callbacks_misbehave_as_told(emulator, fault: Fault, calls: int, check: Callable[[object], bool]):
    with loopback(take_it) as listener:
        assert check(called_back(emulator, listener, fault, calls))


def test_a_rehearsal_with_a_callback_rings_once_with_made_up_results(emulator, service):
    with loopback(take_it) as listener:
        receipt = service.submit(both(dry_run=True, callback_url=f"{listener.url}/c/"), STUDIO)
        wait_until(lambda: listener.seen)
    told = json.loads(listener.seen[0][3])
    assert (told["job_id"], told["state"]) == (receipt.provider_job_id, "success")


def test_a_callback_may_come_before_the_answer(emulator, service):
    with loopback(take_it) as listener:
        emulator.faults.plan("submit", Fault("ring_first"))
        service.submit(training(callback_url=f"{listener.url}/c/"), STUDIO)
        assert json.loads(listener.seen[0][3])["state"] == "queued"


def test_nothing_but_this_computer_is_called_back(emulator, service):
    service.submit(training(), STUDIO)
    emulator.clock.advance(60)
    wait_until(lambda: all(job.rung for job in emulator.service.jobs.values()))
    assert emulator.ringer.rings == []


@pytest.mark.parametrize("status", [200, 404])
def test_photos_are_fetched_by_head_range_and_twice_and_a_missing_one_fails_the_job(status: int):
    with emulated(speed=0, visits_photos=True) as emulator, loopback(lambda handler: send(handler, status)) as host:
        service = dreamlook(emulator.url)
        receipt = service.submit(training(photos=photos(f"{host.url}/p/x/1.jpg")), STUDIO)
        wait_until(lambda: emulator.visitor.visits)
        emulator.clock.advance(60)
        found = service.read(Kind.TRAINING, receipt.provider_job_id, STUDIO)
        assert found.state is (State.SUCCESS if status == 200 else State.FAILURE)
        assert [one.method for one in emulator.visitor.visits] == ["HEAD", "GET", "GET", "GET"]
        assert host.url not in found.failure


def test_a_list_may_be_stale(emulator, service):
    service.submit(training(), STUDIO)
    emulator.clock.advance(10)
    service.submit(training(), STUDIO)
    emulator.faults.plan("list", Fault("stale", seconds=5))
    assert len(service.list_latest(Kind.TRAINING, STUDIO)) == 1
    assert len(service.list_latest(Kind.TRAINING, STUDIO)) == 2


def asked(url: str, body: object = None) -> object:
    content = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, content)) as answer:
        return json.load(answer)


def test_it_runs_as_a_command_and_is_steered_over_http():
    command = [sys.executable, "-m", "tests.providers.emulators.dreamlook", "--port", "0", "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[4]
            asked(f"{url}/emulator/plan", {"door": "submit", "faults": [{"name": "reset"}]})
            service = dreamlook(url)
            with pytest.raises(ProviderError):
                service.submit(training(), STUDIO)
            asked(f"{url}/emulator/advance", {"seconds": 100})
            (found,) = service.list_latest(Kind.TRAINING, STUDIO)
            assert found.state is State.SUCCESS
            assert [charge["tokens"] for charge in asked(f"{url}/emulator/ledger")] == [1200]
            assert asked(f"{url}/emulator/state")["faults"] == {"submit: reset": 1}
            assert asked(f"{url}/emulator/seen") == {"POST /dreambooth": 1, "GET /jobs/dreambooth": 1}
        finally:
            process.terminate()
    assert process.returncode == 0
