"""What the worker hands back: pictures prompt by prompt, the model's address, or an exception in a string."""

import json
from random import Random
from typing import Any

from tests.providers.emulators.files import Files
from tests.providers.emulators.runpod.jobs import Job

WEEK = 7 * 24 * 3600
"""Seconds that an address lives."""


def made(job: Job, files: Files, base_url: str, checkpoint_bytes: int) -> dict[str, Any]:
    """The output of *job*: `inference` where prompts were given, `train` where a bucket was."""
    found: dict[str, Any] = {}
    if "inference" in job.request["input"]:
        found["inference"] = [_drawn(job, index, files, base_url) for index in range(len(job.prompts))]
    if "s3Config" in job.request:
        url = files.checkpoint(base_url, job.ended, f"{job.id}.ckpt", checkpoint_bytes, WEEK)
        found["train"] = {"checkpoint_url": url}
    return found


def _drawn(job: Job, index: int, files: Files, base_url: str) -> dict[str, Any]:
    """For one prompt; `info` is JSON in a string."""
    prompt, drawn = job.prompts[index], job.seeds[index]
    size = prompt.get("width", 512), prompt.get("height", 512)
    names = (f"{job.id}-{index}-{number}" for number in range(len(drawn)))
    images = [files.image(base_url, job.ended, name, size, WEEK) for name in names]
    info = {"prompt": prompt["prompt"], "all_seeds": drawn, "seed": drawn[0] if drawn else -1}
    told = {name: value for name, value in prompt.items() if name != "passback"}
    return {"images": images, "parameters": told, "info": json.dumps(info), "passback": prompt.get("passback")}


def seeds(prompt: dict[str, Any], chance: Random) -> list[int]:
    """Of each picture of *prompt*, as AUTOMATIC1111 counts them: one after the other from the seed asked for."""
    asked = prompt.get("seed", -1)
    first = chance.randrange(2**32) if asked == -1 else asked
    return [first + turn for turn in range(prompt.get("batch_size", 1) * prompt.get("n_iter", 1))]


def packed_error(kind: str, message: str) -> str:
    """An exception of the worker's as the platform hands it on: JSON in a string."""
    trace = f'Traceback (most recent call last):\n  File "/rp_handler.py", line 1, in handler\n{message}'
    return json.dumps({"error_type": kind, "error_message": message, "error_traceback": trace, "hostname": "w1"})
