"""Orders to an emulated RunPod as they stand on the wire, without an adapter of ours."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.providers.emulators.runpod import Bucket, Emulator

TRAIN = {"data_url": "https://us.example/photos.zip", "unet_epochs": 10}
PROMPT = {"prompt": "ukj dog", "width": 64, "height": 64, "n_iter": 2, "seed": 7, "passback": "r-1:0"}
BUCKET = {
    "bucketName": Bucket().name,
    "accessId": Bucket().access_id,
    "accessSecret": Bucket().secret,
    "endpointUrl": "https://bucket.example",
}


def call(emulator: Emulator, path: str, body: object = None, key: str = "rp-emulator") -> tuple[int, Any]:
    """Status and document of one call to the endpoint."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator.url}/v2/dream-booth-v1/{path}", content)
    request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def order(*prompts: dict[str, Any], train: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"input": {"train": {**TRAIN, **(train or {})}, "inference": list(prompts or [PROMPT])}, **fields}


def sent(emulator: Emulator, body: object) -> str:
    status, told = call(emulator, "run", body)
    assert (status, told["status"]) == (200, "IN_QUEUE")
    return str(told["id"])


def done(emulator: Emulator, body: object, seconds: float = 60) -> Any:
    """The job object of an order when so many seconds have passed."""
    id_ = sent(emulator, body)
    emulator.clock.advance(seconds)
    return call(emulator, f"status/{id_}")[1]


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
