"""How far a practice job is, and what it makes: a function of its document, its photos and the clock, nothing else."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from hashlib import shake_256
from io import BytesIO
from math import ceil
from typing import Any

from PIL import Image

from jobs.providers.errors import Unsent
from jobs.providers.order import OrderPhoto
from jobs.providers.practice.orders import Document
from jobs.providers.practice_painting.picture import Scene
from jobs.providers.reply import Artifact, ArtifactKind, Snapshot, State

_VALUES = {False: 12 * 1024, True: 3 * 1024}
_KEPT = 8
_KEPT_EDGE = 512
FAILURE = "Practice: this was stopped half-way because you asked for a failure. Nothing was charged."
_FAILS_AT = 0.6
_PLACES_IN_QUEUE = 3


@dataclass(frozen=True)
class Made:
    """A result and the second, counted from the start of the work, at which it is there."""

    second: float
    artifact: Artifact


def snapshot(document: Document, now: float) -> Snapshot:
    """What the practice service says of the job at *now*."""
    # Seconds of work done, negative in the queue; work stops at a cancellation and at a failure.
    second = min(now, document.cancelled_at or now) - document.at - document.queue_seconds
    if document.outcome == "fails":
        second = min(second, work_seconds(document) * _FAILS_AT)
    state = _state(document, now)
    percent = min(99, int(100 * second / max(work_seconds(document), 0.001)))
    return Snapshot(
        provider_job_id=document.id,
        state=state,
        raw_state=state.value,
        percent=percent if state is State.RUNNING else 100 if state is State.SUCCESS else None,
        queue_position=ceil(-second / document.queue_seconds * _PLACES_IN_QUEUE) if state is State.QUEUED else None,
        failure=FAILURE if state is State.FAILURE else "",
        artifacts=tuple(made.artifact for made in results(document) if made.second <= second),
        callback_url=document.callback_url,
        # The reply as a real service would word it, without our callback, which carries a secret.
        raw={
            "job_id": document.id,
            "job_type": document.kind.value,
            "state": state.value,
            "dry_run": document.dry_run,
            "config": {
                "name": document.name,
                "base_model": document.base_model,
                "checkpoint_id": document.checkpoint_id or None,
                "photos": document.photo_count,
                "training": document.training,
                "generations": document.generations,
            },
        },
    )


def work_seconds(document: Document) -> float:
    """How long the job works once its turn has come."""
    if document.dry_run:
        return 0
    return document.training_seconds + len(image_artifacts(document)) * document.image_seconds


def _state(document: Document, now: float) -> State:
    share_done = _FAILS_AT if document.outcome == "fails" else 1.0
    end = document.at + document.queue_seconds + work_seconds(document) * share_done
    if document.cancelled_at is not None and document.cancelled_at < end:
        return State.CANCELLED
    if now >= end:
        return State.FAILURE if document.outcome == "fails" else State.SUCCESS
    return State.RUNNING if now >= document.at + document.queue_seconds else State.QUEUED


def results(document: Document) -> list[Made]:
    """Everything the job makes, in the order it is made."""
    if document.dry_run:
        return []
    made = []
    if document.kind.trains:
        for step in document.sample_steps:
            id_ = f"{document.id}-sample-{step}"
            sample = Artifact(
                id=id_,
                kind=ArtifactKind.IMAGE,
                url=f"practice:{id_}",
                step=step,
                seed=int(document.training["seed"]),
                is_sample=True,
                model_type=document.model_type,
                file_format="png",
            )
            made.append(Made(_at_step(document, step), sample))
        kinds = (False, True) if document.training.get("extract_lora") == "original" else (False,)
        for step in document.checkpoint_steps:
            kept = (checkpoint(document, step, is_lora=is_lora) for is_lora in kinds)
            made += [Made(_at_step(document, step), file) for file in kept]
    for number, image in enumerate(image_artifacts(document), start=1):
        if image is not None:
            made.append(Made(document.training_seconds + number * document.image_seconds, image))
    return sorted(made, key=lambda one: one.second)


def _at_step(document: Document, step: int) -> float:
    return document.training_seconds * step / max(1, document.steps)


def checkpoint(document: Document, step: int, *, is_lora: bool) -> Artifact:
    """The checkpoint kept at *step*, or its LoRA."""
    id_ = f"{document.id}-{'lora' if is_lora else 'step'}-{step}"
    return Artifact(
        id=id_,
        kind=ArtifactKind.CHECKPOINT,
        url=f"practice:{id_}",
        size=len(checkpoint_file(document, step, is_lora=is_lora)),
        step=step,
        is_lora=is_lora,
        checkpoint_id=id_,
        model_type=document.model_type,
        file_format="safetensors",
    )


def image_artifacts(document: Document) -> list[Artifact | None]:
    """One for each picture ordered; None for one that was left out."""
    last_step = document.checkpoint_steps[-1] if document.kind.trains else 0
    drawn = []
    for index, generation in enumerate(document.generations):
        for number in range(int(generation["num_samples"])):
            id_ = f"{document.id}-{index}-{number}"
            image = Artifact(
                id=id_,
                kind=ArtifactKind.IMAGE,
                url=f"practice:{id_}",
                seed=int(generation["seed"]) + number,
                prompt_index=index,
                checkpoint_id=f"{document.id}-step-{last_step}" if last_step else document.checkpoint_id,
                model_type=document.model_type,
                file_format="png",
            )
            drawn.append(image)
    if document.outcome != "some_missing":
        return list(drawn)
    # Every fourth picture is announced but not there, and the one after it is not even announced.
    return [
        replace(one, available=False) if number % 4 == 0 else None if number % 4 == 1 else one
        for number, one in enumerate(drawn)
    ]


def checkpoint_file(document: Document, step: int, *, is_lora: bool) -> bytes:
    """The file's bytes, always the same for the same job and step."""
    count = _VALUES[is_lora]
    header = json.dumps(
        {
            "__metadata__": {
                "format": "pt",
                "practice": "yes",
                "note": "Made by the Likeness practice provider. It holds no model.",
                "base_model": document.base_model,
                "model_type": document.model_type,
                "step": str(step),
                "kind": "lora" if is_lora else "checkpoint",
            },
            "practice.values": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    values = shake_256(f"{document.id} {step} {is_lora}".encode()).digest(count)
    return len(header).to_bytes(8, "little") + header + values


def scene_of(document: Document, artifact: Artifact) -> Scene:
    """The scene that *artifact*, a picture of the job, shows."""
    if artifact.is_sample:
        edge = 768 if document.model_type == "sdxl-v1" else 512
        return Scene(
            prompt=str(document.training.get("instance_prompt") or "studio photo"),
            negative_prompt="",
            seed=artifact.seed or 0,
            width=edge,
            height=edge,
            readiness=document.readiness_at(artifact.step or 0),
            guidance=7.5,
            drawing_steps=35,
            sampler="dpm++",
            step=artifact.step or 0,
        )
    values = document.generations[artifact.prompt_index]
    # The model that draws is the last of the job's own training, or the checkpoint it was given.
    given = document.checkpoint_id.rpartition("-")[2]
    given_step = int(given) if given.isdecimal() else 0
    return Scene(
        prompt=str(values["prompt"]),
        negative_prompt=str(values["negative_prompt"]),
        seed=artifact.seed or 0,
        width=int(values["width"]),
        height=int(values["height"]),
        readiness=document.readiness_at(document.steps) if document.kind.trains else document.readiness,
        guidance=float(values["guidance_scale"]),
        drawing_steps=int(values["num_inference_steps"]),
        sampler=str(values["scheduler_type"]),
        step=document.steps if document.kind.trains else given_step,
    )


def pack_photos(photos: tuple[OrderPhoto, ...]) -> dict[str, Any]:
    """Up to eight of *photos*, spread over all of them, as a document. Raises `Unsent` when one can't be read."""
    packed = []
    count = min(_KEPT, len(photos))
    for photo in (photos[number * len(photos) // count] for number in range(count)):
        small = BytesIO()
        try:
            image = Image.open(BytesIO(photo.read()))
            image.thumbnail((_KEPT_EDGE, _KEPT_EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
            image.convert("RGB").save(small, "JPEG", quality=84)
        except (OSError, ValueError) as error:
            raise Unsent(f"The photo {photo.name} could not be read. Nothing was sent.") from error
        packed.append(b64encode(small.getvalue()).decode())
    return {"photos": packed}


def unpack_photos(document: dict[str, Any] | None) -> list[bytes]:
    """The JPEGs of a document that `pack_photos` made."""
    return [b64decode(photo) for photo in (document or {}).get("photos", [])]
