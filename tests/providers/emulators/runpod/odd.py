"""Job objects of RunPod's with something wrong in them."""

from collections.abc import Callable
from typing import Any

from tests.providers.emulators.faults import Fault

Document = dict[str, Any]

SCRIPT = "<script>alert(1)</script>\u202e{{7*7}}"
ELSEWHERE = ("javascript:alert(1)", "https://evil.test/x", "http://169.254.169.254/latest", "file:///etc/passwd")
LOCAL = "local_upload/0-0.png"
_RUNS = frozenset({"IN_QUEUE", "IN_PROGRESS"})


def spoilt(job: Document, fault: Fault | None, order: Document) -> Document:
    """*job* with the fault, if it is one that changes what is said; *order* is the body it came from."""
    if fault is not None and fault.name == "echo":
        return job | order
    change = _CHANGES.get(fault.name) if fault else None
    return change(job, fault) if change and fault else job


def _state(job: Document, fault: Fault) -> Document:
    """Only what still runs may say something else: whoever has ended stays so."""
    return job | {"status": fault.body} if job["status"] in _RUNS else job


def _ended(job: Document, fault: Fault) -> Document:
    """What has ended calls it by a word of its own."""
    return job if job["status"] in _RUNS else job | {"status": fault.body}


def _backwards(job: Document, fault: Fault) -> Document:
    before = "IN_QUEUE" if job["status"] in _RUNS else "IN_PROGRESS"
    return {name: value for name, value in job.items() if name not in {"output", "error"}} | {"status": before}


def _odd_types(job: Document, fault: Fault) -> Document:
    odd = {"delayTime": "long", "executionTime": {}, "workerId": 7, "input": [None], "gpu": ["A100"], "retries": "two"}
    return job | odd


def _extra(job: Document, fault: Fault) -> Document:
    return job | {"new_field": {"with": ["more", None, 1.5]}, "eta": "soon", "": "", "gpu": "24"}


def _bare(job: Document, fault: Fault) -> Document:
    return {name: job[name] for name in ("id", "status", "output", "error") if job.get(name) is not None}


def _hostile(job: Document, fault: Fault) -> Document:
    words = {"workerId": SCRIPT, "gpu": SCRIPT, "input": {"prompt": SCRIPT}}
    return job | words | ({"error": SCRIPT * 5000} if job["status"] == "FAILED" else {})


def _hostile_results(job: Document, fault: Fault) -> Document:
    return _with_images(job, lambda number, image: ELSEWHERE[number % len(ELSEWHERE)])


def _local_paths(job: Document, fault: Fault) -> Document:
    return _with_images(job, lambda number, image: LOCAL)


def _few_results(job: Document, fault: Fault) -> Document:
    return _with_images(job, lambda number, image: None if number else image)


def _with_images(job: Document, change: Callable[[int, str], object]) -> Document:
    """Each picture of a prompt replaced by what *change* says; None takes it out."""
    for one in (job.get("output") or {}).get("inference", []):
        changed = [change(number, image) for number, image in enumerate(one["images"])]
        one["images"] = [image for image in changed if image is not None]
    return job


def _huge_numbers(job: Document, fault: Fault) -> Document:
    return job | {"delayTime": 10**300, "executionTime": -(10**300)}


def _progress(job: Document, fault: Fault) -> Document:
    return job | {"output": "Training step 120 of 1500"} if job["status"] in _RUNS else job


def _early_output(job: Document, fault: Fault) -> Document:
    """As if it were done, while it runs."""
    early = {"inference": [{"images": ["https://us.example/early.png"], "info": "{}", "passback": None}]}
    return job | {"output": early} if job["status"] in _RUNS else job


def _no_output(job: Document, fault: Fault) -> Document:
    return {name: value for name, value in job.items() if name != "output"}


def _no_results(job: Document, fault: Fault) -> Document:
    return job | ({"output": {}} if "output" in job else {})


def _listed(job: Document, fault: Fault) -> Document:
    """The other documented shape; a trained model has no place in it, so that nothing is said so of one."""
    output = job.get("output") or {}
    if not output.get("inference") or "train" in output:
        return job
    images = [image for one in output["inference"] for image in one["images"]]
    return job | {"output": [{"image": image, "seed": number} for number, image in enumerate(images)]}


def _no_info(job: Document, fault: Fault) -> Document:
    for one in (job.get("output") or {}).get("inference", []):
        one |= {"info": "not json", "parameters": None}
    return job


def _other_job(job: Document, fault: Fault) -> Document:
    return job | {"id": "00000000-0000-4000-8000-000000000000-u1"}


_CHANGES: dict[str, Callable[[Document, Fault], Document]] = {
    "state": _state,
    "ended": _ended,
    "backwards": _backwards,
    "odd_types": _odd_types,
    "extra": _extra,
    "bare": _bare,
    "hostile": _hostile,
    "hostile_results": _hostile_results,
    "huge_numbers": _huge_numbers,
    "other_job": _other_job,
    "progress": _progress,
    "early_output": _early_output,
    "no_output": _no_output,
    "no_results": _no_results,
    "few_results": _few_results,
    "local_paths": _local_paths,
    "listed": _listed,
    "no_info": _no_info,
}
