"""Where the web server listens."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from dashboard import CannotStart
from dashboard.up.address import Address, allowed_hosts, ask, host_header


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path, "host": self.headers["Host"]}).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Address]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield Address("127.0.0.1", listening.server_port)
        listening.shutdown()


def test_a_port_in_use_is_refused_with_a_free_one(server: Address):
    with pytest.raises(CannotStart, match=rf"Port {server.port} is used by another program.*--port \d+"):
        server.check_free()


def test_a_name_that_is_not_ours_is_refused():
    with pytest.raises(CannotStart, match=r"192\.0\.2\.1"):
        Address("192.0.2.1", 8000).check_free()


def test_a_free_port_passes():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Address("127.0.0.1", port).check_free()


def test_it_asks_our_server_under_an_allowed_name(server: Address):
    assert ask(server, "/health/ready/", "studio.example") == (
        503,
        {"path": "/health/ready/", "host": "studio.example"},
    )


def test_a_server_that_is_not_there_answers_nothing():
    assert ask(Address("127.0.0.1", 1), "/health/live/", "localhost") == (0, {})


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_its_address_opens_on_this_machine(host: str, url: str):
    assert Address(host, 80).url == url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_private_address_needs_no_allowed_hosts(host: str):
    assert allowed_hosts(Address(host, 8000), {}) is None


def test_one_address_of_this_machine_is_allowed_by_its_name():
    assert allowed_hosts(Address("192.168.1.20", 8000), {}) == "localhost,127.0.0.1,[::1],192.168.1.20"


def test_listening_everywhere_asks_for_the_name_that_others_use():
    with pytest.raises(CannotStart, match="PUBLIC_URL=http"):
        allowed_hosts(Address("0.0.0.0", 8000), {})


@pytest.mark.parametrize("name", ["PUBLIC_URL", "ALLOWED_HOSTS"])
def test_a_name_in_the_environment_is_enough(name: str):
    assert allowed_hosts(Address("0.0.0.0", 8000), {name: "http://studio.example"}) is None


@pytest.mark.parametrize(
    ("env", "header"),
    [
        ({}, "localhost"),
        ({"PUBLIC_URL": "https://studio.example/"}, "studio.example"),
        ({"ALLOWED_HOSTS": ".example.com, b"}, "example.com"),
        ({"ALLOWED_HOSTS": "*"}, "localhost"),
    ],
)
def test_questions_to_ourselves_carry_a_host_that_django_accepts(env: dict[str, str], header: str):
    assert host_header(env) == header
