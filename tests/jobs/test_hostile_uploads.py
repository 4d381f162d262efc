"""Every odd and hostile file through the real form and all the way: a photo that is ready, or one sentence."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.files import storage
from jobs.models import Photo
from jobs.operations.photos.processing import TAKE_IN, process
from tests.jobs.factories import make_set, send
from tests.jobs.parts_sent import post_part
from tests.photos import pictures
from tests.photos.grids import grid
from tests.photos.test_hostile import BOMBS, FORMATS, NOT_PHOTOS
from tests.photos.test_odd import PAYLOADS

pytestmark = [pytest.mark.django_db, pytest.mark.services, pytest.mark.usefixtures("own_media")]

WHOLE = {file_format: pictures.with_everything(file_format) for file_format in FORMATS}
CUT_OFF = {
    f"{file_format} at {percent} %": content[: len(content) * percent // 100]
    for file_format, content in WHOLE.items()
    for percent in (0, 1, 50, 99)
}
TWO_THINGS = {f"JPEG and {name}": WHOLE["JPEG"] + payload for name, payload in PAYLOADS.items()}
TILED = {file_format: grid(file_format) for file_format in ("HEIF", "AVIF")}
ANYTHING = NOT_PHOTOS | BOMBS | CUT_OFF | TWO_THINGS | {f"{name} of tiles": tiles for name, tiles in TILED.items()}
CANARIES = (b"Canary", b"CANARY", b"Exif", b"<script")


@pytest.fixture
def photo_set(studio, mara):
    return make_set(studio, mara)


def outcome(photo):
    """The photo after it was made ready or refused."""
    started = time.monotonic()
    process(TAKE_IN, photo.pk)
    photo.refresh_from_db()
    assert time.monotonic() - started < 60
    return photo


def is_settled(photo_set, answer):
    """Whether the file became a photo without anything in it but the picture, or was refused in a sentence."""
    if answer.status_code != 200:
        (refused,) = answer.json()["refused"]
        return answer.status_code in (400, 413) and is_a_sentence(refused["sentence"]) and not photo_set.photos.exists()
    photo = outcome(photo_set.photos.get())
    if photo.state == Photo.State.REFUSED:
        return is_a_sentence(photo.refusal)
    shown = storage.read(photo.prepared) + storage.read(photo.thumbnail)
    return photo.state == Photo.State.READY and not any(canary in shown for canary in CANARIES)


def is_a_sentence(text):
    return text.endswith(".") and 10 < len(text) <= 300


@pytest.mark.parametrize("content", ANYTHING.values(), ids=ANYTHING.keys())
def test_whatever_is_sent_is_settled(as_mara, photo_set, content):
    assert is_settled(photo_set, send(as_mara, photo_set, SimpleUploadedFile("photo.jpg", content)))


@pytest.mark.parametrize("content", NOT_PHOTOS.values(), ids=NOT_PHOTOS.keys())
def test_whatever_is_sent_in_parts_is_settled(as_mara, photo_set, content):
    assert is_settled(photo_set, post_part(as_mara, photo_set, 0, content, whole=content))


@pytest.mark.parametrize(
    "name", ["photo.exe", "photo.jpg", "photo.heic", "photo.png", "photo", ".htaccess", "a.php.png"]
)
@pytest.mark.parametrize("file_format", FORMATS)
def test_names_do_not_say_what_a_file_is(as_mara, photo_set, file_format, name):
    sent = SimpleUploadedFile(name, WHOLE[file_format], "application/x-msdownload")

    assert send(as_mara, photo_set, sent).status_code == 200
    assert outcome(photo_set.photos.get()).state == Photo.State.READY
