"""From dreamlook's job object to a snapshot. Nothing in a reply is trusted to be there, or to be what it should.

What is not listed in the contract is ignored; of what is, each value is taken for what it is or left out. Results are
known by their ids, never by position or by their addresses: the ids in the addresses of dreamlook's own sample are
others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.redaction import redacted, repeated_secrets
from jobs.providers.errors import Unavailable, Uncertain
from jobs.providers.kit.downloads import later, moment, signed_until
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
from jobs.providers.order import Kind
from jobs.providers.reply import Artifact, ArtifactKind, Receipt, Snapshot, State

RETENTION = timedelta(hours=48)
"""How long dreamlook keeps a checkpoint after the run, by default."""
_LONGEST_ID = 200
_LONGEST_ADDRESS = 8192
_MOST_STEPS = 2**31 - 1
_MOST_PROMPTS = 10_000
RESULT_HOSTS = ("storage.googleapis.com", ".dreamlook.ai")
_STATES = {
    "queued": State.QUEUED,
    "running": State.RUNNING,
    "success": State.SUCCESS,
    "failure": State.FAILURE,
}
_JOB_TYPES = {
    "dreambooth": Kind.TRAINING,
    "image_gen": Kind.GENERATION,
    "dreambooth_image_gen": Kind.TRAIN_AND_GENERATE,
}
_REHEARSED = "TEST_"


def receipt(reply: Mapping[str, Any], *, dry_run: bool) -> Receipt:
    """dreamlook's word that it took an order. Raises `Uncertain` when the reply does not say so."""
    job_id, raw = reply.get("job_id"), redacted(reply)
    if not isinstance(job_id, str) or not is_job_id(job_id):
        raise Uncertain("dreamlook answered without an id that can be one.", raw=json.dumps(raw))
    if is_rehearsal(job_id) and not dry_run:
        raise Uncertain("dreamlook answered as to a rehearsal, which this was not.", raw=json.dumps(raw))
    return Receipt(job_id, raw=raw)


def is_rehearsal(job_id: str) -> bool:
    """Whether this is the id of a dry run, which dreamlook does not keep track of."""
    return job_id.upper().startswith(_REHEARSED)


def one(reply: object, job_id: str) -> Snapshot:
    """The snapshot of the one job that was asked after. Raises `Unavailable` when the reply is about another."""
    found = snapshot(reply) if isinstance(reply, Mapping) else None
    if found is None or found.provider_job_id != job_id:
        raise Unavailable("dreamlook answered about another job than the one we asked after.")
    return found


def listed(reply: object, kind: Kind, most: int) -> Sequence[Snapshot]:
    """The snapshots of a list, damaged entries included: a list that looked shorter than it is would seem to prove
    that a job is not there. For the same reason one of *most* entries, some of them of another kind, ends in a snapshot
    without an id: what comes after it is not known. Raises `Unavailable` when the reply is no list."""
    if not isinstance(reply, list):
        raise Unavailable("dreamlook answered with something that is no list of jobs.")
    found = []
    for job in map(mapping, reply):
        said = job.get("job_type")
        # `image-gen` and `image_gen` are the same, and a type that is not known may be any.
        job_type = said.replace("-", "_").lower() if isinstance(said, str) else ""
        if _JOB_TYPES.get(job_type, kind) is kind:
            found.append(snapshot(job))
    if len(found) < len(reply) >= most:
        found.append(Snapshot("", State.UNKNOWN))
    return found


def snapshot(job: Mapping[str, Any]) -> Snapshot:
    """What *job*, a job object, says. Without a usable id its snapshot has none. It is kept without our callback,
    without where our photos are, and without signatures."""
    said = job.get("state")
    # For train and generate nobody has told in which of these places dreamlook repeats the callback.
    config = mapping(job.get("config"))
    parts = (config, mapping(config.get("dreambooth")), *mappings(config.get("image_gen")), job)
    callbacks = [part["callback"] for part in parts if "callback" in part]
    return Snapshot(
        provider_job_id=str(job["job_id"]) if is_job_id(job.get("job_id")) else "",
        state=_STATES.get(said.strip().lower(), State.UNKNOWN) if isinstance(said, str) else State.UNKNOWN,
        raw_state=state_name(said),
        percent=percent(job.get("percentage_done")),
        failure=sentence(job.get("failure_reason"), job.get("failure_reason_data")),
        artifacts=(*checkpoints(job), *images(job)),
        callback_url=next((one for one in callbacks if isinstance(one, str)), ""),
        tells_callback=any(one is None or isinstance(one, str) for one in callbacks),
        raw=without_addresses(redacted(job, repeated_secrets(job)), RESULT_HOSTS),
    )


def checkpoints(job: Mapping[str, Any]) -> Iterator[Artifact]:
    """The checkpoints of *job*: a whole model and its LoRA come together, told apart by type.

    Their signed addresses end with them, and some accounts' live longer than usual. Where nothing is signed, the end
    follows from when the job ended, by dreamlook's clock, which may be ahead of ours (P24).
    """
    usual = datetime.now(UTC) + RETENTION
    until = later(moment(job.get("state_running_end")), RETENTION)
    for made in mappings(mapping(job.get("dreambooth_result")).get("checkpoints")):
        id_, url = _id(made.get("checkpoint_id")), text(made.get("url"), _LONGEST_ADDRESS)
        if id_:
            yield Artifact(
                id=id_,
                kind=ArtifactKind.CHECKPOINT,
                url=url,
                size=whole(made.get("size_bytes"), least=1),
                step=whole(made.get("training_step"), least=0, most=_MOST_STEPS),
                checkpoint_id=id_,
                is_lora=made.get("checkpoint_type") == "lora" or made.get("is_extracted_lora") is True,
                model_type=text(made.get("model_type"), 20),
                file_format=text(made.get("file_format"), 20),
                available=bool(url) and made.get("is_available") is not False,
                expires_at=signed_until(url) or (min(until, usual) if until else None),
            )


def images(job: Mapping[str, Any]) -> Iterator[Artifact]:
    """The images of *job*, prompt by prompt, in the order they were drawn."""
    for position, group in enumerate(mappings(job.get("image_gen_results"))):
        index = whole(group.get("config_idx"), least=0, most=_MOST_PROMPTS)
        made_with = text(group.get("checkpoint_id"), _LONGEST_ID)
        for drawn in sorted(mappings(group.get("generated_images")), key=_turn):
            id_, url = _id(drawn.get("generated_image_id")), text(drawn.get("url"), _LONGEST_ADDRESS)
            if id_:
                yield Artifact(
                    id=id_,
                    kind=ArtifactKind.IMAGE,
                    url=url,
                    seed=whole(drawn.get("seed")),
                    prompt_index=position if index is None else index,
                    checkpoint_id=made_with,
                    file_format="png",
                    available=bool(url) and drawn.get("is_available") is not False,
                )


def _turn(drawn: Mapping[str, Any]) -> int:
    """`generation_idx` skips numbers; where it is missing, the list's own order counts."""
    return whole(drawn.get("generation_idx")) or 0


def _id(value: object) -> str:
    """A result's id, whatever printable word it is; a number counts as one."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, _LONGEST_ID)
    return found if found.isprintable() and found.strip() and len(found) <= _LONGEST_ID else ""
