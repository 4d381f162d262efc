"""A photo of four colours, cropped and ordered."""

import pytest
from django.test import Client

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.operations.jobs import submit
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.photos import edit
from jobs.operations.photos.edit import Crop
from jobs.operations.photos.processing import CROP, process
from jobs.photos.crop import Mode, Shape
from jobs.providers.order import Kind
from tests.jobs.factories import make_photo, make_set
from tests.jobs.operations.conftest import again
from tests.photos import pictures

UPPER_RIGHT = Crop(Mode.HAND, Shape.FREE, (0.5, 0.0, 0.5, 0.5))
LOWER_LEFT = Crop(Mode.HAND, Shape.FREE, (0.0, 0.5, 0.5, 0.5))


@pytest.fixture
def photo(studio, mara) -> Photo:
    """A photo of four colours, ready, with its files."""
    jpeg = pictures.saved(pictures.upright(600, 400), "JPEG", quality=95)
    stored = storage.put(studio.pk, "prepared", jpeg, ".jpg").name
    return make_photo(make_set(studio, mara), prepared=stored, width=600, height=400)


def fresh(photo: Photo) -> Photo:
    return Photo.objects.select_related("workspace", "photo_set").get(pk=photo.pk)


def cropped(photo: Photo, chosen: Crop = UPPER_RIGHT) -> Photo:
    edit.crop(photo, chosen)
    process(CROP, photo.pk)
    return fresh(photo)


def ordered(photo: Photo, mara, key, nonce: str = "n") -> Job:
    told = {"photo_set": photo.photo_set, "base_model": "base", "training": {"steps": 9}}
    job = create(photo.workspace, mara, JobDraft(Kind.TRAINING, "Rex", api_key=key, **told), nonce)
    submit.submit(job.pk)
    return again(job)


def fetched(path: str) -> bytes:
    return b"".join(Client().get(path))
