"""From RunPod's job object to a snapshot. Nothing in a reply is trusted to be there, or to be what it should.

Results have no ids of their own: their place in the object counts. Why a run failed is told as a text, as a list of
texts, or as JSON inside of a text.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.redaction import redacted, redacted_text, repeated_secrets
from jobs.providers.credentials import Credentials
from jobs.providers.errors import Unavailable, Uncertain
from jobs.providers.kit import strict_json
from jobs.providers.kit.downloads import signed_until
from jobs.providers.kit.replies import (
    is_job_id,
    mapping,
    mappings,
    percent,
    sentence,
    state_name,
    text,
    whole,
    without_addresses,
)
from jobs.providers.reply import Artifact, ArtifactKind, Receipt, Snapshot, State
from jobs.providers.runpod import key_options
from jobs.providers.runpod.key_options import is_in_bucket

TIMED_OUT = "It took longer than its time limit at RunPod."
_LONGEST_ADDRESS = 8192
_LONGEST_INFO = 1024 * 1024
_MOST_PROMPTS = 10_000
_PASSBACK = re.compile(r".{0,200}:([0-9]{1,4})", re.DOTALL)
_UP = ("idle", "running", "ready", "initializing")
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

    In a state that we do not know, results that have an address are taken; `executionTime`, which only a run has that
    is over, and what came of it tell how it ended.
    """
    said = job.get("status")
    state = _STATES.get(said.strip().upper(), State.UNKNOWN) if isinstance(said, str) else State.UNKNOWN
    is_guess = state is State.UNKNOWN and whole(job.get("executionTime"), least=1) is not None
    secrets = [*credentials.secrets.values(), *repeated_secrets(job)]
    made = tuple(artifacts(job, credentials.options)) if state in {*_ENDED, State.UNKNOWN} else ()
    why = redacted_text(failure(job), secrets) if state in _ENDED or is_guess else ""
    if state is State.UNKNOWN:
        made = tuple(one for one in made if one.available)
    if is_guess:
        state = State.SUCCESS if made else State.FAILURE if why else State.UNKNOWN
    elif state is State.SUCCESS and why and not made:
        state = State.FAILURE  # some versions of the worker's SDK end a run well that brought nothing but an error
    return Snapshot(
        provider_job_id=str(job["id"]) if is_job_id(job.get("id")) else "",
        state=state,
        raw_state=state_name(said),
        percent=_percent(job.get("output")) if state is State.RUNNING else None,
        failure=why if state is State.FAILURE else "",
        artifacts=made,
        tells_callback=False,
        is_guess=is_guess and state is not State.UNKNOWN,
        raw=without_addresses(redacted(job, secrets), key_options.result_hosts(credentials)),
    )


def _percent(output: object) -> int | None:
    """How far it is, where the worker tells it as a number, in a sentence with %, or under a telling name."""
    parts = mapping(output)
    told = next((parts[name] for name in ("percent", "percentage", "progress") if name in parts), output)
    found = _PERCENT.fullmatch(told) if isinstance(told, str) else None
    return percent(int(found[1]) if found else told)


def failure(job: Mapping[str, Any]) -> str:
    """The first line of what *job* says went wrong; the rest stays in what is kept of the job."""
    told = _first_line(job.get("error") or mapping(job.get("output")).get("error"))
    return sentence(*((TIMED_OUT,) if job.get("status") == "TIMED_OUT" else ()), told)


def _first_line(error: object) -> object:
    if isinstance(error, list):
        more = f" (and {len(error) - 1} more)" if len(error) > 1 else ""
        first = _first_line(error[0]) if error else ""
        return f"{first}{more}" if isinstance(first, str) else error
    if packed := _unpacked(error):
        error = packed.get("error_message") or packed.get("error_type") or packed
    return error.strip().partition("\n")[0].strip() if isinstance(error, str) else error


def _unpacked(value: object) -> Mapping[str, Any]:
    """The object that *value* is, or that it is JSON of; an empty one otherwise."""
    if isinstance(value, Mapping):
        return value
    try:
        return mapping(strict_json.parse(text(value, _LONGEST_INFO).encode(errors="replace")))
    except ValueError:
        return {}


def artifacts(job: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[Artifact]:
    """Every result of a run that has ended; *options* are those of the key.

    There is a trained model only where the key has a bucket, and there it stays until the team deletes it. The pictures
    come prompt by prompt: their ids are the prompt's number and their own in it, whatever else is said.
    """
    trained = mapping(job.get("output")).get("train")
    said = mapping(trained).get("checkpoint_url")
    if said is not None:
        url = _address(said)
        yield Artifact(
            id="checkpoint",
            kind=ArtifactKind.CHECKPOINT,
            url=url,
            checkpoint_id="checkpoint",
            model_type="sd-v1",
            file_format="ckpt",
            available=bool(url),
            expires_at=None if is_in_bucket(url, options) else signed_until(url),
        )
    turns: Counter[int] = Counter()
    for prompt_index, said, seed in _drawn(job.get("output")):
        url = _address(said)
        yield Artifact(
            id=f"{prompt_index}-{turns[prompt_index]}",
            kind=ArtifactKind.IMAGE,
            url=url,
            seed=whole(seed, least=0),
            prompt_index=prompt_index,
            checkpoint_id="checkpoint" if trained else "",
            file_format="png",
            available=bool(url),
            expires_at=signed_until(url),
        )
        turns[prompt_index] += 1


def _drawn(output: object) -> Iterator[tuple[int, object, object]]:
    """The number of the prompt, the address and the seed of each picture, in either of the two documented shapes."""
    if isinstance(output, list):
        yield from ((0, one.get("image"), one.get("seed")) for one in mappings(output) if "image" in one)
        return
    for position, group in enumerate(mappings(mapping(output).get("inference"))):
        # Which prompt a group is of says what we gave along; where it did not come back, its place does.
        found = _PASSBACK.fullmatch(text(group.get("passback"), _LONGEST_ADDRESS))
        prompt_index = int(found[1]) if found else min(position, _MOST_PROMPTS)
        # What the web UI tells of the pictures: usually JSON inside of a text.
        info = _unpacked(group.get("info"))
        seeds = info.get("all_seeds")
        pictures = group["images"] if isinstance(group.get("images"), list) else []
        # Some web UIs put an overview of all pictures before them, and say where the first of them is.
        first = whole(info.get("index_of_first_image"), least=0, most=len(pictures) - 1) or 0
        for turn, said in enumerate(pictures[first:]):
            yield prompt_index, said, seeds[turn] if isinstance(seeds, list) and turn < len(seeds) else None


def _address(value: object) -> str:
    """Where a result can be fetched; some workers tell a path on their own disk instead, which is no address."""
    said = text(value, _LONGEST_ADDRESS)
    return said if said.startswith(("https://", "http://")) else ""


def why_waiting(health: object) -> str:
    """Why jobs wait, in a sentence; empty where nothing is known or a worker is free."""
    workers = mapping(mapping(health).get("workers"))
    if not any(whole(workers.get(name), least=0) is not None for name in _UP):
        return ""
    up = _sum(workers, _UP)
    if not up and _sum(workers, ("throttled",)):
        return (
            "RunPod has no free GPU of the kind that your endpoint asks for. It starts by itself when there is one; "
            "allowing more kinds of GPU on the endpoint's page helps."
        )
    if not up and _sum(workers, ("unhealthy",)):
        return "The workers of your RunPod endpoint do not start. The endpoint's page at RunPod shows why."
    if not up:
        return (
            "No worker of your RunPod endpoint is up. It takes a minute or two to start one; if this stays, look on "
            "the endpoint's page at RunPod whether it may start any."
        )
    queued = whole(mapping(mapping(health).get("jobs")).get("inQueue"), least=0) or 0
    if queued and not _sum(workers, ("idle", "ready", "initializing")):
        return "All workers of your RunPod endpoint are busy; the job starts when one is free."
    return ""


def workers_ready(health: object) -> str:
    """What a test of a key says of the workers."""
    up = _sum(mapping(mapping(health).get("workers")), _UP)
    return f"{up} {'worker is' if up == 1 else 'workers are'} up." if up else "No worker is up just now."


def _sum(workers: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return sum(whole(workers.get(name), least=0) or 0 for name in names)
