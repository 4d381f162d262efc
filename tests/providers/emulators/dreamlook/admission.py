"""What dreamlook checks before it takes an order, and what it charges. Prices are the emulator's own."""

from collections.abc import Callable, Iterator
from typing import Any

Body = dict[str, Any]
Loc = list[str | int]
Complaint = dict[str, Any]

TYPES = {"/dreambooth": "dreambooth", "/image_gen": "image_gen", "/dreambooth_image_gen": "dreambooth_image_gen"}


def complaints(job_type: str, body: object) -> list[Complaint]:
    """What is wrong with an order, as dreamlook lists it in a 422."""
    if not isinstance(body, dict):
        return [_complaint([], "value is not a valid dict")]
    if job_type == "dreambooth":
        return list(_training(body, []))
    if job_type == "image_gen":
        return list(_generation(body, [], starts=True))
    return list(_both(body))


def cost(job_type: str, body: Body) -> int:
    """In tokens: one for each step, ten for each picture."""
    if job_type == "dreambooth_image_gen":
        return cost("dreambooth", body["dreambooth"]) + sum(cost("image_gen", one) for one in body["image_gen"])
    return int(body["steps"]) if job_type == "dreambooth" else 10 * int(body["num_samples"])


def _complaint(loc: Loc, msg: str) -> Complaint:
    return {"loc": ["body", *loc], "msg": msg, "type": "value_error"}


def _both(body: Body) -> Iterator[Complaint]:
    if not isinstance(body.get("dreambooth"), dict):
        yield _complaint(["dreambooth"], "field required")
    else:
        yield from _training(body["dreambooth"], ["dreambooth"])
    generations = body.get("image_gen")
    if not isinstance(generations, list) or not generations:
        yield _complaint(["image_gen"], "field required")
        return
    for number, one in enumerate(generations):
        yield from _generation(one, ["image_gen", number], starts=False)


def _training(body: Body, loc: Loc) -> Iterator[Complaint]:
    yield from _wrong(body, loc, "steps", _is_int(1, 100_000))
    yield from _wrong(body, loc, "learning_rate", lambda value: _is_number(value) and 0 < value < 1)
    yield from _wrong(body, loc, "instance_prompt", lambda value: isinstance(value, str) and bool(value))
    yield from _wrong(body, loc, "image_urls", _are_addresses)
    yield from _wrong(body, loc, "crop_method", lambda value: value in {"center", "face"}, optional=True)
    yield from _wrong(body, loc, "extract_lora", lambda value: value in {"original", "disabled"}, optional=True)
    yield from _wrong(body, loc, "saved_model_format", lambda value: value == "original", optional=True)
    yield from _wrong(body, loc, "priority", _is_int(0, 1000), optional=True)
    yield from _start(body, loc)
    if body.get("learning_rate_te2"):
        yield _complaint([*loc, "learning_rate_te2"], "learning_rate_te2 must be 0")
    if body.get("model_type") == "sdxl-v1" and body.get("enable_offset_noise"):
        yield _complaint([*loc, "enable_offset_noise"], "offset noise is not supported for SDXL")


def _generation(body: Body, loc: Loc, *, starts: bool) -> Iterator[Complaint]:
    if not isinstance(body, dict):
        yield _complaint(loc, "value is not a valid dict")
        return
    yield from _wrong(body, loc, "prompt", lambda value: isinstance(value, str) and bool(value))
    yield from _wrong(body, loc, "num_samples", _is_int(1, 100))
    for name in ("width", "height"):
        yield from _wrong(body, loc, name, _is_int(64, 2048))
    if starts:
        yield from _start(body, loc)


def _start(body: Body, loc: Loc) -> Iterator[Complaint]:
    if bool(body.get("base_model")) == bool(body.get("checkpoint_id")):
        yield _complaint([*loc, "base_model"], "exactly one of base_model and checkpoint_id is needed")
    yield from _wrong(body, loc, "model_type", lambda value: value in {"sd-v1", "sdxl-v1"}, optional=True)


def _wrong(
    body: Body, loc: Loc, name: str, fits: Callable[[Any], bool], *, optional: bool = False
) -> Iterator[Complaint]:
    if body.get(name) is None:
        if not optional:
            yield _complaint([*loc, name], "field required")
    elif not fits(body[name]):
        yield _complaint([*loc, name], "this value is not accepted")


def _is_int(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_addresses(value: object) -> bool:
    one = lambda url: isinstance(url, str) and url.startswith(("http://", "https://"))  # noqa: E731
    return isinstance(value, list) and bool(value) and all(map(one, value))
