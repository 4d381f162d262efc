"""Job objects with something wrong in them."""

from collections.abc import Callable
from typing import Any

from tests.providers.emulators.faults import Fault

Document = dict[str, Any]

SCRIPT = "<script>alert(1)</script>\u202e{{7*7}}"
ELSEWHERE = ("javascript:alert(1)", "https://evil.test/x", "http://169.254.169.254/latest", "file:///etc/passwd")


def spoilt(job: Document, fault: Fault | None) -> Document:
    """*job* with the fault, if it is one that changes what is said."""
    change = _CHANGES.get(fault.name) if fault else None
    return change(job, fault) if change and fault else job


def spoilt_list(jobs: list[Document], fault: Fault | None) -> Any:
    """A list of jobs with the fault."""
    name = fault.name if fault else ""
    if name == "no_list":
        return {"jobs": jobs}
    if name == "odd_entries":
        return [None, 5, "x", [], {}, {"job_id": 7, "state": "queued"}, *jobs]
    changed = {"doubled": jobs + jobs, "shuffled": sorted(jobs, key=lambda job: job["job_id"][::-1]), "nothing": []}
    return changed.get(name, [spoilt(job, fault) for job in jobs])


def _state(job: Document, fault: Fault) -> Document:
    return job | {"state": fault.body}


def _backwards(job: Document, fault: Fault) -> Document:
    before = {"success": "running", "failure": "running", "running": "queued"}.get(job["state"], "queued")
    return job | {"state": before, "percentage_done": 0, "dreambooth_result": None, "image_gen_results": None}


def _odd_types(job: Document, fault: Fault) -> Document:
    odd = {"percentage_done": "half", "state_updated": 5, "state_running_end": {}, "tags": {"a": 1}, "thumbnails": 7}
    return job | odd | {"failure_reason_data": [[["deep"]]], "queueing_state": None, "queued_duration": "long"}


def _extra(job: Document, fault: Fault) -> Document:
    return job | {"new_field": {"with": ["more", None, 1.5]}, "eta": "soon", "": ""}


def _bare(job: Document, fault: Fault) -> Document:
    kept = ("job_id", "state", "config", "dreambooth_result", "image_gen_results", "failure_reason")
    return {name: job[name] for name in kept if job.get(name) is not None}


def _hostile(job: Document, fault: Fault) -> Document:
    words = {"queueing_state": SCRIPT, "tags": [{"key": SCRIPT, "value": SCRIPT}, SCRIPT], "thumbnails": [*ELSEWHERE]}
    reason = {"failure_reason": {"message": SCRIPT * 5000, "url": "https://us.example/p/secret"}}
    return job | words | {"failure_reason_data": SCRIPT} | (reason if job["state"] == "failure" else {})


def _hostile_results(job: Document, fault: Fault) -> Document:
    for number, one in enumerate(_results(job)):
        one["url"] = ELSEWHERE[number % len(ELSEWHERE)]
        one["file_format"] = SCRIPT if number % 2 else {"a": SCRIPT}
    return job


def _huge_numbers(job: Document, fault: Fault) -> Document:
    return job | {"percentage_done": 10**300, "queued_duration": 1e308, "running_duration": -(10**300)}


def _no_results(job: Document, fault: Fault) -> Document:
    return job | {"dreambooth_result": None, "image_gen_results": []}


def _few_results(job: Document, fault: Fault) -> Document:
    if job.get("dreambooth_result"):
        job["dreambooth_result"]["checkpoints"] = job["dreambooth_result"]["checkpoints"][:1]
    for group in job.get("image_gen_results") or []:
        group["generated_images"] = group["generated_images"][:1]
    return job


def _unavailable(job: Document, fault: Fault) -> Document:
    for one in _results(job):
        one |= {"is_available": False, "url": None}
    return job


def _results(job: Document) -> list[Document]:
    groups = job.get("image_gen_results") or []
    images = [image for group in groups for image in group["generated_images"]]
    return [*((job.get("dreambooth_result") or {}).get("checkpoints") or []), *images]


def _other_job(job: Document, fault: Fault) -> Document:
    return job | {"job_id": "db_somebodyelse"}


def _no_callback(job: Document, fault: Fault) -> Document:
    return job | {"config": {name: value for name, value in job["config"].items() if name != "callback"}}


def _spelling(job: Document, fault: Fault) -> Document:
    said = job["job_type"]
    return job | {"job_type": said.replace("-", "_") if "-" in said else said.replace("_", "-").upper()}


_CHANGES: dict[str, Callable[[Document, Fault], Document]] = {
    "state": _state,
    "backwards": _backwards,
    "odd_types": _odd_types,
    "extra": _extra,
    "bare": _bare,
    "hostile": _hostile,
    "hostile_results": _hostile_results,
    "huge_numbers": _huge_numbers,
    "no_results": _no_results,
    "few_results": _few_results,
    "unavailable": _unavailable,
    "other_job": _other_job,
    "no_callback": _no_callback,
    "spelling": _spelling,
}
