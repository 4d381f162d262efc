"""Results a provider speaks of, as rows that wait to be fetched."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.models import Keep
from jobs.models import Checkpoint, GeneratedImage, Job
from jobs.operations.foreign import as_json, clean
from jobs.operations.providers import provider
from jobs.providers.reply import Artifact, ArtifactKind

LONGEST_ID = 200
_LARGEST_SEED = 2**63 - 1


def pack(artifact: Artifact) -> dict[str, Any]:
    """*artifact* as a row keeps it."""
    return as_json({**asdict(artifact), "expires_at": artifact.expires_at and artifact.expires_at.isoformat()})


def unpack(kept: dict[str, Any]) -> Artifact:
    """What `pack` kept."""
    return Artifact(**{**kept, "kind": ArtifactKind(kept["kind"]), "expires_at": _moment(kept["expires_at"])})


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def keep_new(job: Job, artifacts: tuple[Artifact, ...], *, final: bool) -> int:
    """Rows for those *artifacts* of a locked *job* that have none yet, and how many those were.

    One that is announced but not available is left for later; when the job has ended there is no later, and it is
    kept as missing.
    """
    sound = {one.id: one for one in artifacts if 0 < len(one.id) <= LONGEST_ID}
    checkpoints = [one for one in sound.values() if one.kind is ArtifactKind.CHECKPOINT and (one.available or final)]
    images = [one for one in sound.values() if one.kind is ArtifactKind.IMAGE]
    return _keep_checkpoints(job, checkpoints) + _keep_images(job, images, final=final)


def _keep_checkpoints(job: Job, artifacts: list[Artifact]) -> int:
    known = set(job.checkpoints.values_list("provider_result_id", flat=True)) if artifacts else set()
    rows = [_checkpoint(job, one) for one in artifacts if one.id not in known]
    Checkpoint.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _checkpoint(job: Job, artifact: Artifact) -> Checkpoint:
    return Checkpoint(
        workspace=job.workspace,
        job=job,
        provider=job.provider,
        provider_result_id=artifact.id,
        artifact=pack(artifact),
        step=artifact.step,
        is_lora=artifact.is_lora,
        base_model=job.base_model,
        model_type=clean(artifact.model_type or job.model_type, 20),
        file_format=clean(artifact.file_format, 20),
        state=_state(job, artifact),
        size_bytes=artifact.size,
        expires_at=_expires_at(job, artifact),
    )


def _state(job: Job, artifact: Artifact) -> Checkpoint.State:
    """Whether a checkpoint is copied here by itself, as the workspace wants it."""
    if not artifact.available:
        return Checkpoint.State.MISSING
    keep = Keep(job.workspace.keep)
    wanted = keep is Keep.ALWAYS or (keep is Keep.LORA and artifact.is_lora)
    return Checkpoint.State.WAITING if wanted else Checkpoint.State.AT_PROVIDER


def _expires_at(job: Job, artifact: Artifact) -> datetime | None:
    """When the provider deletes a checkpoint that is there now. Its clock may be wrong (P24), and it may not say: then
    our own clock and what it usually does count."""
    keeps_for = provider(job.provider).keeps_for
    if keeps_for is None:
        return artifact.expires_at
    said, usual = artifact.expires_at, timezone.now() + keeps_for
    return said if said is not None and timezone.now() < said < usual else usual


def _keep_images(job: Job, artifacts: list[Artifact], *, final: bool) -> int:
    known = set(job.generated_images.values_list("provider_result_id", flat=True)) if artifacts else set()
    if all(one.id in known or not (one.available or final) for one in artifacts):
        return 0
    made_with = _checkpoints_by_id(job)
    groups = ([one for one in artifacts if one.is_sample is is_sample] for is_sample in (False, True))
    placed = [(position, one) for group in groups for position, one in enumerate(group)]
    rows = [
        _image(job, one, made_with, position)
        for position, one in placed
        if one.id not in known and (one.available or final)
    ]
    GeneratedImage.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _checkpoints_by_id(job: Job) -> dict[str, int]:
    own = dict(job.checkpoints.values_list("provider_result_id", "pk"))
    return {**own, job.checkpoint.provider_result_id: job.checkpoint.pk} if job.checkpoint else own


def _image(job: Job, artifact: Artifact, made_with: dict[str, int], position: int) -> GeneratedImage:
    asked = job.generations[artifact.prompt_index : artifact.prompt_index + 1] if not artifact.is_sample else []
    values = asked[0] if asked else {}
    seed = artifact.seed if artifact.seed is not None and abs(artifact.seed) <= _LARGEST_SEED else None
    return GeneratedImage(
        workspace=job.workspace,
        job=job,
        provider_result_id=artifact.id,
        artifact=pack(artifact),
        is_sample=artifact.is_sample,
        checkpoint_id=made_with.get(artifact.checkpoint_id),
        position=position,
        prompt=str(values.get("prompt") or ""),
        seed=seed,
        settings=values,
        state=GeneratedImage.State.WAITING if artifact.available else GeneratedImage.State.MISSING,
    )
