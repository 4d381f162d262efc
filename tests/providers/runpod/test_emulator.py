"""The emulated RunPod itself: what other tests rely on."""

import copy
import io
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from PIL import Image

from tests.providers.emulators.runpod import Emulator, Fault, emulated
from tests.providers.emulators.runpod.limits import Limit
from tests.providers.kit.loopback import loopback, send
from tests.providers.runpod.calls import BUCKET, PROMPT, call, done, order, sent, wait_until


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated(speed=0) as running:
        yield running


def test_pictures_come_prompt_by_prompt_with_what_was_passed_along(emulator):
    first, second = done(emulator, order(PROMPT, {**PROMPT, "n_iter": 1, "passback": "r-1:1"}))["output"]["inference"]
    assert (len(first["images"]), json.loads(first["info"])["all_seeds"], first["passback"]) == (2, [7, 8], "r-1:0")
    assert (len(second["images"]), second["passback"]) == (1, "r-1:1")
    with urllib.request.urlopen(first["images"][0]) as answer:
        assert Image.open(io.BytesIO(answer.read())).size == (64, 64)


def test_the_model_is_kept_only_in_a_bucket_and_behind_a_presigned_address_of_a_week(emulator):
    assert "train" not in done(emulator, order())["output"]
    url = done(emulator, order(s3Config=BUCKET))["output"]["train"]["checkpoint_url"]
    assert ("X-Amz-Expires=604800" in url, ".ckpt" in url) == (True, True)
    with urllib.request.urlopen(url) as answer:
        assert answer.read(4) == b"PK\x03\x04"
    emulator.clock.advance(604800)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)


def test_a_bucket_that_does_not_open_is_told_as_json_in_a_string(emulator):
    told = done(emulator, order(s3Config={**BUCKET, "accessSecret": "another"}))
    assert json.loads(told["error"])["error_type"] == "<class 'botocore.exceptions.ClientError'>"


def test_a_job_is_forgotten_half_an_hour_after_its_end_and_when_its_life_is_over(emulator):
    id_ = sent(emulator, order())
    emulator.clock.advance(60)
    assert call(emulator, f"status/{id_}")[0] == 200
    emulator.clock.advance(1799)
    assert call(emulator, f"status/{id_}")[0] == 404
    assert done(emulator, order(policy={"ttl": 10_000}), 11) == {"error": "job not found"}


def test_a_long_run_is_ended_after_ten_minutes_unless_the_order_says_otherwise(emulator):
    emulator.service.pace = type(emulator.service.pace)(training=1500)
    assert done(emulator, order(), 1600)["status"] == "TIMED_OUT"
    assert done(emulator, order(policy={"executionTimeout": 3_600_000}), 1600)["status"] == "COMPLETED"


def test_what_was_cancelled_stays_so_and_what_had_ended_stays_as_it_was(emulator):
    id_ = sent(emulator, order())
    assert call(emulator, f"cancel/{id_}", {})[1] == {"id": id_, "status": "CANCELLED"}
    emulator.clock.advance(60)
    assert call(emulator, f"status/{id_}")[1]["status"] == "CANCELLED"
    other = done(emulator, order())["id"]
    assert call(emulator, f"cancel/{other}", {})[1]["status"] == "COMPLETED"


def test_without_workers_jobs_only_wait_and_the_health_says_so(emulator):
    emulator.service.hire(0)
    id_ = sent(emulator, order())
    emulator.clock.advance(600)
    assert call(emulator, f"status/{id_}")[1]["status"] == "IN_QUEUE"
    told = call(emulator, "health")[1]
    assert (told["jobs"]["inQueue"], told["workers"]) == (1, {"idle": 0, "running": 0})
    emulator.service.hire(2)
    emulator.clock.advance(60)
    assert call(emulator, f"status/{id_}")[1]["status"] == "COMPLETED"


def test_a_wrong_key_an_unknown_endpoint_a_list_and_an_order_without_input_are_refused(emulator):
    assert call(emulator, "health", key="another")[0] == 401
    assert call(emulator, "../another/health")[0] == 404
    assert call(emulator, "jobs")[0] == 404
    assert call(emulator, "run", {"train": {}})[0] == 400
    assert call(emulator, "run", order(policy={"ttl": 8 * 24 * 3600 * 1000}))[0] == 400
    assert call(emulator, "run", order({**PROMPT, "prompt": "x" * 10_000_000}))[0] == 400
    assert emulator.service.ledger == []


def test_every_order_taken_is_charged_once_and_one_taken_twice_shows(emulator):
    emulator.faults.plan("submit", None, Fault("status", accept=False, status=503), Fault("twice"))
    assert [call(emulator, "run", order())[0] for _ in range(3)] == [200, 503, 200]
    assert len(emulator.service.ledger) == 3


def test_status_is_asked_at_most_two_thousand_times_in_ten_seconds(emulator):
    limit = Limit(2)
    assert [limit.takes() for _ in range(3)] == [True, True, False]
    emulator.service.status_limit.count = 1
    assert [call(emulator, "status/x")[0] for _ in range(2)] == [404, 429]


def answer_all(status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, status, b"")


@pytest.mark.parametrize(("status", "calls"), [(200, 1), (503, 3)])
def test_a_webhook_that_is_not_answered_well_comes_twice_more_ten_seconds_apart(emulator, status: int, calls: int):
    with loopback(answer_all(status)) as listener:
        id_ = sent(emulator, order(webhook=f"{listener.url}/c/"))
        emulator.clock.advance(60)
        for turn in range(1, 5):
            wait_until(lambda turn=turn: len(listener.seen) >= min(turn, calls))
            time.sleep(0.1)
            assert len(listener.seen) == min(turn, calls)
            emulator.clock.advance(10)
    assert {json.loads(body)["id"] for _, _, _, body in listener.seen} == {id_}
    assert json.loads(listener.seen[0][3])["output"]["inference"]


def asked(url: str, body: object = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, content)) as answer:
        return json.load(answer)


def test_it_runs_as_a_command_and_is_steered_over_http():
    command = [sys.executable, "-m", "tests.providers.emulators.runpod", "--port", "0", "--endpoint", "ours"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[4]
            asked(f"{url}/emulator/plan", {"door": "submit", "faults": [{"name": "no_id"}]})
            request = urllib.request.Request(f"{url}/v2/ours/run", json.dumps(order()).encode())
            request.add_header("Authorization", "Bearer rp-emulator")
            with urllib.request.urlopen(request) as answer:
                assert json.load(answer) == {"status": "IN_QUEUE"}
            assert [charge["endpoint"] for charge in asked(f"{url}/emulator/ledger")] == ["ours"]
            assert asked(f"{url}/emulator/state")["faults"] == {"submit: no_id": 1}
        finally:
            process.terminate()
    assert process.returncode == 0


def test_no_order_is_changed_by_what_is_said_of_it(emulator):
    """Faults spoil copies: what comes next is as if nothing had been."""
    id_ = sent(emulator, order(policy={"executionTimeout": 600_000}))
    emulator.clock.advance(60)
    whole = copy.deepcopy(call(emulator, f"status/{id_}")[1])
    for name in ("few_results", "local_paths", "hostile_results", "listed", "no_info", "echo", "backwards"):
        emulator.faults.plan("read", Fault(name))
        assert call(emulator, f"status/{id_}")[1] != whole
    assert call(emulator, f"status/{id_}")[1] == whole
