"""What of httpx we use that it does not promise."""

from importlib.metadata import version

import httpcore
import httpx
import pytest

from jobs.providers.kit.network import for_orders, for_questions

READ_FOR = {"httpx": "0.28.1", "httpcore": "1.0.9"}
"""The versions in whose source `HTTPTransport` was read: it keeps its connections in `_pool`, asks only that for its
`handle_request` and `close`, and httpcore's pool opens them by its `network_backend`."""


@pytest.mark.parametrize("package", READ_FOR)
def test_the_pool_of_a_transport_was_read_in_the_version_we_have(package: str) -> None:
    assert version(package) == READ_FOR[package], "read httpx's HTTPTransport again, and then raise READ_FOR"


@pytest.mark.parametrize("client", [for_orders, for_questions])
def test_a_connection_goes_through_the_guard_that_was_put_into_the_pool(client) -> None:
    assert isinstance(httpx.HTTPTransport()._pool, httpcore.ConnectionPool)
    with client(None, 5.0, allow_private_hosts=False) as guarded, pytest.raises(httpx.ConnectError) as caught:
        guarded.get("http://127.0.0.1:9/")
    assert "not on the public internet" in str(caught.value)
