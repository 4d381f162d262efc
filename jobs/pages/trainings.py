"""Trainings with the checkpoints they left, as the models page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from dashboard.models import Workspace
from jobs.models import Checkpoint, Job, PhotoSet
from jobs.operations.providers import provider
from jobs.pages import job_labels
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
    may_train_on: bool


@dataclass(frozen=True)
class Trained:
    """One training and its checkpoints, the last step first. *service* is the provider's name."""

    job: Job
    service: str
    base_model: str
    is_practice: bool
    photo_set: PhotoSet | None
    models: tuple[Model, ...]


def trainings(workspace: Workspace) -> QuerySet[Job]:
    """Trainings that left checkpoints, newest first; they outlive the job's place in the list."""
    left = Checkpoint.objects.filter(deleted_at=None)
    jobs = workspace.jobs.filter(Exists(left.filter(job=OuterRef("pk")))).order_by("-id")
    return jobs.select_related("photo_set", "created_by").prefetch_related(Prefetch("checkpoints", left))


def trained(job: Job) -> Trained:
    """A job of `trainings` in words."""
    return Trained(
        job,
        job_labels.service(job),
        job_labels.base_model(job),
        job_labels.is_practice(job),
        job.photo_set if job.photo_set and job.photo_set.deleted_at is None else None,
        models(job.checkpoints.all()),
    )


def models(checkpoints: Iterable[Checkpoint]) -> tuple[Model, ...]:
    """Checkpoints of one job in words, the last step first and a whole model before its LoRA."""
    return tuple(_model(checkpoint) for checkpoint in sorted(checkpoints, key=attrgetter("rank")))


def _model(checkpoint: Checkpoint) -> Model:
    slug = checkpoint.provider
    can = provider(slug).can if slug in PROVIDERS and checkpoint.is_usable else _cannot
    is_practice = slug in PROVIDERS and provider(slug).is_practice
    return Model(
        checkpoint,
        "LoRA" if checkpoint.is_lora else "Practice file" if is_practice else "Full model",
        TONES[Checkpoint.State(checkpoint.state)],
        can(Capability.GENERATE),
        can(Capability.TRAIN_FURTHER) and not checkpoint.is_lora,
    )


def _cannot(_: Capability) -> bool:
    return False
