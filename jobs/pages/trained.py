"""Trainings with the checkpoints they left, as the models page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from jobs.models import Checkpoint, Job, PhotoSet
from jobs.operations.providers import provider
from jobs.pages import job_words
from jobs.providers.base import Capability
from jobs.providers.registry import PROVIDERS

TONES = {
    Checkpoint.State.WAITING: "neutral",
    Checkpoint.State.AT_PROVIDER: "warn",
    Checkpoint.State.KEPT: "good",
    Checkpoint.State.MISSING: "bad",
    Checkpoint.State.EXPIRED: "bad",
}


@dataclass(frozen=True)
class Model:
    """One checkpoint in words; *tone* is the colour of its state."""

    checkpoint: Checkpoint
    kind: str
    tone: str
    may_generate: bool


@dataclass(frozen=True)
class Trained:
    """One training and its checkpoints, the last step first. *service* is the provider's name."""

    job: Job
    service: str
    base_model: str
    is_practice: bool
    photo_set: PhotoSet | None
    models: tuple[Model, ...]


def trained(checkpoints: Iterable[Checkpoint]) -> list[Trained]:
    """*checkpoints*, which come newest first and with their jobs, by job."""
    return [_trained(job, list(group)) for job, group in groupby(checkpoints, key=lambda checkpoint: checkpoint.job)]


def _trained(job: Job, checkpoints: list[Checkpoint]) -> Trained:
    in_order = sorted(checkpoints, key=lambda checkpoint: -(checkpoint.step or 0))
    return Trained(
        job,
        job_words.service(job),
        job_words.base_model(job),
        job_words.is_practice(job),
        job.photo_set if job.photo_set and job.photo_set.deleted_at is None else None,
        tuple(_model(checkpoint) for checkpoint in in_order),
    )


def _model(checkpoint: Checkpoint) -> Model:
    slug = checkpoint.provider
    can_generate = slug in PROVIDERS and provider(slug).can(Capability.GENERATE)
    return Model(
        checkpoint,
        "LoRA" if checkpoint.is_lora else "Full model",
        TONES[Checkpoint.State(checkpoint.state)],
        can_generate and checkpoint.is_usable,
    )
