"""Photo sets and photos as they are after an upload, without uploading."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import Photo, PhotoSet
from tests.photos import pictures


def make_set(workspace: Workspace, user: User | None = None, **fields: Any) -> PhotoSet:
    return PhotoSet.objects.create(workspace=workspace, created_by=user, **{"name": "Rex"} | fields)


def make_photo(photo_set: PhotoSet, **fields: Any) -> Photo:
    """A photo that is ready; its files only exist when they are given."""
    number = photo_set.photos.count()
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
    return photo_set.photos.create(**given | fields)


def make_photos(photo_set: PhotoSet, count: int, **fields: Any) -> list[Photo]:
    return [make_photo(photo_set, **fields) for _ in range(count)]


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
