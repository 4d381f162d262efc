"""What RunPod is asked, over real HTTP on the loopback address, and what is made of its plainest answers."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import KeyRefused, NotThere
from jobs.providers.order import Kind
from jobs.providers.reply import State
from jobs.providers.runpod.adapter import RunPod
from tests.providers.kit.loopback import Loopback, loopback, send
from tests.providers.runpod.orders import BARE, ENDPOINT, KEY, OPENED, STUDIO, both, runpod, training

HEALTH = {"jobs": {"completed": 1, "failed": 0, "inProgress": 0, "inQueue": 3, "retried": 0}}


class RunPodItself:
    """Answers each path with what stands in *answers*, 404 otherwise, and 401 to any other key."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps(self.answers.get(handler.path)).encode()
        status = 200 if handler.path in self.answers else 404
        if handler.headers["Authorization"] != f"Bearer {KEY}":
            status, body = 401, b"{}"
        send(handler, status, body if status == 200 else b'{"error": "no"}', Content_Type="application/json")


@pytest.fixture
def itself() -> RunPodItself:
    return RunPodItself()


@pytest.fixture
def served(itself: RunPodItself) -> Iterator[Loopback]:
    with loopback(itself) as served:
        yield served


@pytest.fixture
def service(served: Loopback) -> Iterator[RunPod]:
    yield runpod(served.url)
    while OPENED:
        OPENED.pop().close()


def test_an_order_goes_to_the_endpoint_of_the_key_once(itself, served, service):
    itself.answers[f"/v2/{ENDPOINT}/run"] = {"id": "c80f-u1", "status": "IN_QUEUE"}
    receipt = service.submit(both(), STUDIO)
    assert receipt.provider_job_id == "c80f-u1"
    ((method, path, headers, body),) = served.seen
    assert (method, path) == ("POST", f"/v2/{ENDPOINT}/run")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert KEY.encode() not in body


def test_a_job_is_read_at_its_endpoint(itself, service):
    itself.answers[f"/v2/{ENDPOINT}/status/c80f-u1"] = {"id": "c80f-u1", "status": "IN_PROGRESS", "delayTime": 7}
    found = service.read(Kind.TRAINING, "c80f-u1", STUDIO)
    assert (found.provider_job_id, found.state, found.raw_state) == ("c80f-u1", State.RUNNING, "IN_PROGRESS")


def test_a_job_is_stopped_at_its_endpoint(itself, served, service):
    itself.answers[f"/v2/{ENDPOINT}/cancel/c80f-u1"] = {"id": "c80f-u1", "status": "CANCELLED"}
    service.cancel(Kind.TRAINING, "c80f-u1", STUDIO)
    assert [seen[:2] for seen in served.seen] == [("POST", f"/v2/{ENDPOINT}/cancel/c80f-u1")]


@pytest.mark.parametrize("id_", ["", "../health", "a b", "x" * 201, "a/b"])
def test_what_cannot_be_a_job_is_not_asked_after(served, service, id_: str):
    with pytest.raises(NotThere):
        service.read(Kind.TRAINING, id_ or "/", STUDIO)
    assert served.seen == []


def test_a_key_is_tried_by_a_look_at_the_endpoint_that_costs_nothing(itself, served, service):
    itself.answers[f"/v2/{ENDPOINT}/health"] = {**HEALTH, "workers": {"idle": 1, "running": 0}}
    report = service.test_key(STUDIO)
    assert (report.ok, report.sentence) == (True, "RunPod accepts this key and has the endpoint. 1 worker is up.")
    with pytest.raises(KeyRefused):
        service.test_key(Credentials("x", Secret("rpa_wrong"), BARE.options))
    assert {seen[0] for seen in served.seen} == {"GET"}


def test_p08_an_endpoint_that_is_not_there_is_named(service):
    report = service.test_key(STUDIO)
    assert not report.ok
    assert ENDPOINT in report.sentence
    with pytest.raises(NotThere) as caught:
        service.submit(training(), STUDIO)
    assert ENDPOINT in caught.value.sentence


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        ({"idle": 0, "running": 0}, "No worker"),
        ({"idle": 0, "running": 0, "throttled": 2}, "no free GPU"),
        ({"idle": 0, "running": 0, "unhealthy": 1}, "do not start"),
        ({"idle": 0, "running": 2}, "busy"),
        ({"idle": 1, "running": 2}, ""),
        ({"idle": 0, "running": 0, "initializing": 1}, ""),
        ({}, ""),
        ({"idle": "none"}, ""),
        (None, ""),
    ],
)
def test_jobs_that_only_wait_are_explained_by_the_workers(itself, service, workers: object, said: str):
    itself.answers[f"/v2/{ENDPOINT}/health"] = {**HEALTH, "workers": workers}
    assert said in service.why_waiting(BARE)
    assert bool(service.why_waiting(BARE)) is bool(said)
