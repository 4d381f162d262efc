"""Jobs, pictures and checkpoints as they are when a job is done, without doing it."""

import io
from typing import Any

from PIL import Image

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState


def make_job(workspace: Workspace, user: User | None = None, **fields: Any) -> Job:
    given = {"kind": "generation", "name": "Rex on the beach", "provider": "practice", "state": JobState.SUCCESS}
    return Job.objects.create(workspace=workspace, created_by=user, **given | fields)


def make_image(job: Job, **fields: Any) -> GeneratedImage:
    """A picture of *job* that is ready; its files only exist with `with_files`."""
    number = job.generated_images.count()
    given = {
        "provider_result_id": f"result-{number}",
        "position": number,
        "prompt": "photo of ukj dog on the beach",
        "seed": 1000 + number,
        "state": GeneratedImage.State.READY,
        "file": f"images/{job.workspace_id}/aa/{number:064x}.png",
        "thumbnail": f"thumbnails/{job.workspace_id}/aa/{number:064x}.webp",
        "width": 512,
        "height": 768,
    }
    return GeneratedImage.objects.create(workspace=job.workspace, job=job, **given | fields)


def make_images(job: Job, count: int, **fields: Any) -> list[GeneratedImage]:
    return [make_image(job, **fields) for _ in range(count)]


def with_files(image: GeneratedImage, colour: str = "teal") -> GeneratedImage:
    """Store a small PNG as the picture's file."""
    image.file = storage.put(image.workspace_id, "images", png(colour), ".png").name
    image.save(update_fields=["file"])
    return image


def png(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 12), colour).save(buffer, "PNG")
    return buffer.getvalue()


def make_checkpoint(job: Job, **fields: Any) -> Checkpoint:
    given = {
        "provider_result_id": f"checkpoint-{job.checkpoints.count()}",
        "provider": job.provider,
        "step": 1200,
        "model_type": "sdxl-v1",
        "base_model": "practice-xl",
        "file_format": "safetensors",
        "state": Checkpoint.State.KEPT,
        "size_bytes": 6_500_000_000,
    }
    return Checkpoint.objects.create(workspace=job.workspace, job=job, **given | fields)
