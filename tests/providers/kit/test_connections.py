"""Over which connections the client speaks: fresh ones for orders, no cookies, no proxy that it was not told of."""

import socket
from contextlib import closing

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Secret
from jobs.providers.errors import (
    Unavailable,
    Uncertain,
    Unsent,
)
from jobs.providers.kit.client import GuardedClient
from tests.providers.kit.calls import KEY, http_over, ordered
from tests.providers.kit.loopback import loopback, send


def test_a_cookie_of_the_provider_is_not_kept() -> None:
    """Two teams share one client: a session given to one key must not go along with the other."""
    cookies: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        cookies.append(request.headers.get("Cookie"))
        return httpx.Response(200, json={}, headers={"Set-Cookie": "session=1; Path=/"})

    http = http_over(answer)
    http.ask("/jobs", KEY)
    http.ask("/jobs", KEY)
    assert cookies == [None, None]


def test_proxies_and_passwords_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with loopback(lambda handler: send(handler, 200, b"{}")) as server:
        assert server.http.ask("/jobs", Secret("")) == {}
        assert "Authorization" not in server.seen[0][2]


def test_another_server_is_spoken_to_only_where_private_hosts_are_allowed() -> None:
    with loopback(lambda handler: send(handler, 200, b"{}")) as server:
        urls = {"dreamlook": server.url}
        allowed = Context(base_urls=urls, allow_private_hosts=True)
        with closing(GuardedClient("dreamlook", allowed.base_url("dreamlook", "https://api.invalid"), allowed)) as http:
            assert http.ask("/jobs", KEY) == {}
        public = Context(base_urls=urls)
        http = GuardedClient("dreamlook", public.base_url("dreamlook", "https://api.invalid"), public)
        with pytest.raises(Unavailable):
            http.ask("/jobs", KEY)
        assert len(server.seen) == 1


def test_p04_a_connection_cut_after_the_order_arrived_is_uncertain() -> None:
    def cut(handler) -> None:
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"job_id": ')
        handler.close_connection = True

    with loopback(cut) as server:
        assert type(ordered(server.http)) is Uncertain
        assert len(server.seen) == 1


def test_p01_a_closed_port_is_unsent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert type(ordered(GuardedClient("Here", url, Context(allow_private_hosts=True)))) is Unsent


def test_every_order_gets_a_fresh_connection() -> None:
    """On a kept connection the server may hang up just as we write, and nobody knows whether it read the order."""
    ports = []

    def answer(handler) -> None:
        ports.append(handler.client_address[1])
        send(handler, 200, b"{}")

    with loopback(answer) as server:
        http = server.http
        for _ in range(3):
            http.order("/train", {}, KEY)
        assert len(set(ports)) == 3
        http.ask("/jobs", KEY)
        http.ask("/jobs", KEY)
        assert ports[3] == ports[4]
