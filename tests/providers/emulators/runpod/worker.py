"""What the public worker says to an order before it begins (runpod-workers/worker-dreambooth, `rp_handler`)."""

from typing import Any

from tests.providers.emulators.runpod.schema import BUCKET, INFERENCE, TRAIN, complaints

Body = dict[str, Any]
_NOTHING_ASKED = "Please provide either an inference input or an S3 config."
_TWO_MODELS = "Please provide either a Hugging Face model or a checkpoint URL."


def refusal(body: Body, *, old_worker: bool) -> str | list[str] | None:
    """Why the worker will not do it: a sentence, or a list of what is wrong with the values."""
    order = body["input"]
    if "train" not in order:
        return "Missing training input."
    if wrong := list(complaints(order["train"], TRAIN, old_worker=old_worker)):
        return wrong
    if "inference" not in order and "s3Config" not in body:
        return _NOTHING_ASKED
    return _of_pictures(order, old_worker=old_worker) or _of_bucket(body) or _of_model(order["train"])


def _of_pictures(order: Body, *, old_worker: bool) -> str | list[str] | None:
    prompts = order.get("inference", [])
    if not isinstance(prompts, list):
        return "Inference input must be a list of inferences."
    found = (list(complaints(one, INFERENCE, old_worker=old_worker)) for one in prompts)
    return next((wrong for wrong in found if wrong), None)


def _of_bucket(body: Body) -> list[str] | None:
    wrong = list(complaints(body["s3Config"], BUCKET, old_worker=False)) if "s3Config" in body else []
    return wrong or None


def _of_model(train: Body) -> str | None:
    return _TWO_MODELS if train.get("hf_model") and train.get("ckpt_link") else None
