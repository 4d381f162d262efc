"""From RunPod's job object to a snapshot. Nothing in a reply is trusted to be there, or to be what it should."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jobs.providers.credentials import Credentials
from jobs.providers.errors import Unavailable, Uncertain
from jobs.providers.kit.redaction import redacted, redacted_text, repeated_secrets
from jobs.providers.kit.replies import is_job_id, mapping, state_name, whole, without_addresses
from jobs.providers.reply import Receipt, Snapshot, State
from jobs.providers.runpod import key_options
from jobs.providers.runpod.failures import failure
from jobs.providers.runpod.results import artifacts

_STATES = {
    "IN_QUEUE": State.QUEUED,
    "IN_PROGRESS": State.RUNNING,
    "RUNNING": State.RUNNING,
    "COMPLETED": State.SUCCESS,
    "FAILED": State.FAILURE,
    "CANCELLED": State.CANCELLED,
    "TIMED_OUT": State.FAILURE,
}
_ENDED = frozenset({State.SUCCESS, State.FAILURE, State.CANCELLED})
_PERCENT = re.compile(r"\D{0,40}?([0-9]{1,3})(?:\.[0-9]{1,6})? ?%.{0,200}", re.DOTALL)


def receipt(reply: Mapping[str, Any], credentials: Credentials) -> Receipt:
    """RunPod's word that it took an order. Raises `Uncertain` when the reply does not say so."""
    job_id, raw = reply.get("id"), redacted(reply, list(credentials.secrets.values()))
    if not isinstance(job_id, str) or not is_job_id(job_id):
        raise Uncertain("RunPod answered without an id that can be one.", raw=json.dumps(raw))
    return Receipt(job_id, raw=raw)


def one(reply: object, job_id: str, credentials: Credentials) -> Snapshot:
    """The snapshot of the one job that was asked after. Raises `Unavailable` when the reply is about another."""
    found = snapshot(reply, credentials) if isinstance(reply, Mapping) else None
    if found is None or found.provider_job_id != job_id:
        raise Unavailable("RunPod answered about another job than the one we asked after.")
    return found


def snapshot(job: Mapping[str, Any], credentials: Credentials) -> Snapshot:
    """What *job*, a job object, says. Without a usable id its snapshot has none.

    What stands in `output` before the end is progress and no result. Nothing tells whether the order had a callback.
    RunPod repeats the whole order, and the worker may put a secret into what it complains of.
    """
    said = job.get("status")
    state = _STATES.get(said.strip().upper(), State.UNKNOWN) if isinstance(said, str) else State.UNKNOWN
    secrets = [*credentials.secrets.values(), *repeated_secrets(job)]
    made = artifacts(job, credentials.options) if state in _ENDED else ()
    why = redacted_text(failure(job), secrets) if state in _ENDED else ""
    if state is State.SUCCESS and why and not made:
        state = State.FAILURE  # some versions of the worker's SDK end a run well that brought nothing but an error
    return Snapshot(
        provider_job_id=str(job["id"]) if is_job_id(job.get("id")) else "",
        state=state,
        raw_state=state_name(said),
        percent=_percent(job.get("output")) if state is State.RUNNING else None,
        failure=why if state is State.FAILURE else "",
        artifacts=made,
        tells_callback=False,
        raw=without_addresses(redacted(job, secrets), key_options.result_hosts(credentials)),
    )


def _percent(output: object) -> int | None:
    """How far it is, where the worker tells it as a number, in a sentence with %, or under a telling name."""
    parts = mapping(output)
    told = next((parts[name] for name in ("percent", "percentage", "progress") if name in parts), output)
    found = _PERCENT.fullmatch(told) if isinstance(told, str) else None
    number = int(found[1]) if found else whole(told)
    return None if number is None else min(max(number, 0), 100)
