"""The worker that the emulated RunPod plays: what it takes, and how it is about the photos."""

import io
import json
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.providers.emulators.runpod import Bucket, Emulator, emulated
from tests.providers.emulators.runpod.archive import wrong_inside
from tests.providers.kit.loopback import loopback, send
from tests.providers.runpod.calls import BUCKET, PROMPT, TRAIN, call, done, order, sent, wait_until

SAMPLE = Path(__file__).parent / "samples" / "request_sample_from_docs.json"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated(speed=0) as running:
        yield running


def sample() -> Any:
    return json.loads(SAMPLE.read_text())


def corrected() -> Any:
    """The documentation's request as the worker takes it; its bucket is there, and it names one model."""
    body = sample()
    drawn = body["input"]["inference"][0]
    drawn["seed_resize_from_w"] = drawn.pop("seed_resized_from_w")
    drawn |= {"hr_resize_y": 0, "s_noise": 0, "sampler_index": "Euler a"}
    del body["input"]["train"]["ckpt_link"]
    return body


def test_the_documentations_own_request_is_refused(emulator):
    told = done(emulator, sample())
    assert told["status"] == "FAILED"
    complaints = "\n".join(told["error"])
    assert "seed_resized_from_w is not a valid input option" in complaints
    assert [name for name in ("hr_resize_y", "s_noise", "sampler_index") if f"{name} should be" in complaints] == [
        "hr_resize_y",
        "s_noise",
        "sampler_index",
    ]


def test_the_documentations_request_put_right_is_taken(emulator):
    emulator.service.buckets["job_id"] = Bucket("job_id", "string", "string")
    assert done(emulator, corrected())["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("train", "complaint"),
    [
        ({"steps": 5}, "steps is not a valid input option"),
        ({"text_steps": 350.0}, "text_steps should be <class 'int'>"),
        ({"text_steps": True}, "text_steps should be <class 'int'>"),
        ({"offset_noise": 1}, "offset_noise should be <class 'bool'>"),
        ({"hf_model": None}, "hf_model should be <class 'str'>"),
        ({"text_lr_scheduler": "Linear"}, "text_lr_scheduler does not meet the constraints"),
        ({"hf_model": "a/b", "ckpt_link": "https://x.example/a.ckpt"}, "either a Hugging Face model or a checkpoint"),
    ],
)
def test_the_worker_refuses_what_its_schema_does(emulator, train: dict[str, Any], complaint: str):
    told = done(emulator, order(train=train))
    assert told["status"] == "FAILED"
    assert complaint in str(told["error"])


def test_only_an_old_worker_wants_a_point_in_every_float():
    for old_worker, status in ((False, "COMPLETED"), (True, "FAILED")):
        with emulated(speed=0, old_worker=old_worker) as emulator:
            assert done(emulator, order({**PROMPT, "cfg_scale": 7}))["status"] == status


def test_a_training_needs_prompts_or_a_bucket(emulator):
    alone = {"input": {"train": TRAIN}}
    assert "inference input or an S3 config" in done(emulator, alone)["error"]
    assert done(emulator, alone | {"s3Config": BUCKET})["status"] == "COMPLETED"


def zipped(*files: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in files:
            archive.writestr(name, body)
    return content.getvalue()


def jpeg() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (zipped(("ukj (0).jpg", jpeg()), ("ukj (1).png", jpeg())), ""),
        (zipped(("ukj/0.jpg", jpeg())), "not flat"),
        (zipped(("0.webp", jpeg())), "no picture"),
        (zipped(("0.jpg", jpeg()), ("0.JPG", jpeg())), "there twice"),
        (zipped(("0.jpg", b"text")), "cannot be read"),
        (zipped(), "empty"),
        (b"PK", "BadZipFile"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_zip_is_looked_into(content: bytes, complaint: str):
    found = list(wrong_inside(content))
    assert any(complaint in one for one in found) if complaint else found == []


def serve(content: bytes, handler: BaseHTTPRequestHandler) -> None:
    """A file server that knows HEAD and the range it is asked for here."""
    if "Range" in handler.headers:
        send(handler, 206, content[:10])
    elif handler.command == "HEAD":
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
    else:
        send(handler, 200, content)


@pytest.mark.parametrize(
    ("address", "content", "status"),
    [
        ("photos.zip", zipped(("a (0).jpg", jpeg()), ("a (1).jpg", jpeg())), "COMPLETED"),
        ("photos", zipped(("a (0).jpg", jpeg())), "FAILED"),
        ("photos.zip", b"not a zip", "FAILED"),
    ],
    ids=("well", "not called zip", "no zip"),
)
def test_the_photos_are_fetched_by_head_range_and_twice_and_opened(address: str, content: bytes, status: str):
    with emulated(opens_archives=True) as emulator, loopback(lambda handler: serve(content, handler)) as host:
        id_ = sent(emulator, order(train={"data_url": f"{host.url}/{address}", "unet_epochs": 100}))
        emulator.clock.advance(60)
        wait_until(lambda: not emulator.service.jobs[id_].needs_photos)
        assert call(emulator, f"status/{id_}")[1]["status"] == status
        assert [one.method for one in emulator.opener.visits] == ["HEAD", "GET", "GET", "GET"]
        assert emulator.service.jobs[id_].steps == (200 if status == "COMPLETED" else None)
