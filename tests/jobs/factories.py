"""Photo sets, photos, jobs, pictures and checkpoints as they are when all is done, without doing it."""

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState, Photo, PhotoSet
from jobs.operations.photos import sent_copy
from jobs.providers.order import OrderSpec
from tests.photos import pictures


def make_set(workspace: Workspace, user: User | None = None, **fields: Any) -> PhotoSet:
    return PhotoSet.objects.create(workspace=workspace, created_by=user, **{"name": "Rex"} | fields)


def make_photo(photo_set: PhotoSet, **fields: Any) -> Photo:
    """A photo that is ready; its files only exist when they are given."""
    photo = new_photo(photo_set, photo_set.photos.count(), fields)
    photo.save()
    return photo


def make_photos(photo_set: PhotoSet, count: int, **fields: Any) -> list[Photo]:
    before = photo_set.photos.count()
    return Photo.objects.bulk_create(new_photo(photo_set, before + number, fields) for number in range(count))


def new_photo(photo_set: PhotoSet, number: int, fields: dict[str, Any]) -> Photo:
    given = {
        "workspace": photo_set.workspace,
        "upload_nonce": f"nonce-{number}",
        "display_name": f"IMG_{number:04}.HEIC",
        "state": Photo.State.READY,
        "prepared": f"prepared/{photo_set.workspace_id}/aa/{number:064x}.jpg",
        "thumbnail": f"thumbnails/{photo_set.workspace_id}/aa/{number:064x}.webp",
        "width": 1536,
        "height": 2048,
    }
    return Photo(photo_set=photo_set, **given | fields)


def make_waiting(photo_set: PhotoSet, content: bytes | None = None, **fields: Any) -> Photo:
    """A photo whose upload is stored and waits to be taken in."""
    content = pictures.with_everything("JPEG") if content is None else content
    original = storage.put(photo_set.workspace_id, "originals", content, "").name
    unmade = {"state": Photo.State.WAITING, "prepared": "", "thumbnail": "", "width": 0, "height": 0}
    return make_photo(photo_set, original=original, **unmade | fields)


def jpeg(name: str = "IMG_1.jpg", width: int = 300) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pictures.saved(pictures.upright(width), "JPEG"), "image/jpeg")


def send(client: Client, photo_set: PhotoSet, *files: SimpleUploadedFile, **fields: Any) -> Any:
    """Post *files* as the page's script does."""
    address = reverse("photo_upload", args=[photo_set.workspace.slug, photo_set.pk])
    return client.post(address, {"photos": list(files), **fields}, headers={"accept": "application/json"})


def make_job(workspace: Workspace, user: User | None = None, *, photos: Sequence[Photo] = (), **fields: Any) -> Job:
    """A job that ordered *photos* as they are now; *fields* are those of its order and of its row."""
    given = {"kind": "generation", "name": "Rex on the beach", "provider": "practice", "state": JobState.SUCCESS}
    given |= {"photo_count": len(photos)} | fields
    order = {each.name: given.pop(each.name) for each in dataclasses.fields(OrderSpec) if each.name in given}
    spec = OrderSpec.from_json({**order, "generations": list(order.get("generations", []))})
    job = Job.ordered(spec, workspace=workspace, created_by=user, **given)
    job.save()
    sent_copy.freeze(job, photos)
    return job


def photo_ids(job: Job) -> list[int]:
    """The photos that *job* ordered, in its order."""
    return list(job.job_photos.in_order().values_list("photo_id", flat=True))


def sent_photos(job: Job) -> dict[int, tuple[str, str]]:
    """Caption and file of each photo of *job* of which something is kept, by its id."""
    rows = job.job_photos.in_order().values_list("photo_id", "caption", "file")
    return {pk: (caption, file) for pk, caption, file in rows if caption or file}


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
