"""Nothing on our own network is ever connected to (SSRF, R9)."""

import socket
import sys
from collections.abc import Iterator

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Secret
from jobs.providers.errors import Refused, Unavailable, Unsent
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.network import is_public
from tests.properties import given, st

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%lo",
    "fec0::1",
    "ff02::1",
    "localhost",
    "",
    "127.1",
    "2130706433",
]

ODD_SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "169.254.169.254",
    "2852039166",
    "0251.0376.0251.0376",
    "10.0.0.1",
    "100.64.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.0.0.1",
    "\uff11\uff12\uff17.0.0.1",
    "127.0.0.1.",
    "localhost.",
]

connects: list[object] = []
"""Every address a socket was asked to connect to, as Python's audit hook sees it."""


def _hear(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect":
        connects.append(args[1])


sys.addaudithook(_hear)


@pytest.fixture
def no_connect() -> Iterator[None]:
    connects.clear()
    yield
    assert connects == []


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_public_ipv4_address_is_private_in_pythons_eyes(address: object) -> None:
    assert not (is_public(str(address)) and (address.is_private or address.is_multicast or address.is_reserved))


@given(st.ip_addresses(v=6))
def test_no_public_ipv6_address_is_private_in_pythons_eyes(address: object) -> None:
    assert not (is_public(str(address)) and not address.is_global)


@pytest.mark.usefixtures("no_connect")
@pytest.mark.parametrize("host", ODD_SPELLINGS)
def test_a_key_is_never_sent_to_an_address_of_ours(host: str) -> None:
    try:
        http = GuardedClient("Somebody", f"https://{host}", Context())
    except httpx.InvalidURL:
        return
    with pytest.raises(Unsent):
        http.order("/train", {}, Secret("dl-secret"))


@pytest.mark.usefixtures("no_connect")
@pytest.mark.parametrize("host", ODD_SPELLINGS)
def test_a_result_on_an_address_of_ours_is_not_fetched_even_where_the_host_is_allowed(host: str) -> None:
    http = GuardedClient("Somebody", "https://api.example.com", Context(), result_hosts=[host.strip("[]")])
    with pytest.raises((Refused, Unavailable)):
        http.download(f"https://{host}/x.png", limit_bytes=10)


@pytest.mark.usefixtures("no_connect")
@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.com/x",
        "https://files.example.com:8443/x",
        "https://files.example.com:22/x",
        "https://user:pass@files.example.com/x",
        "https://files.example.com@127.0.0.1/x",
        "https://files.example.com.evil.test/x",
        "https://evilfiles.example.com/x",
        "https://files.example.com%2f@evil.test/x",
        "https://files.example.com\\@evil.test/x",
        "file:///etc/passwd",
        "gopher://files.example.com/x",
        "ftp://files.example.com/x",
        "data:image/png;base64,AA==",
        "javascript:alert(1)",
        "//files.example.com/x",
        "/x",
        "",
        "https://",
        "https:///x",
        "https://files.example.com\x00/x",
        "https://files.example.com\r\nHost: evil/x",
    ],
)
def test_a_result_url_of_any_other_form_is_refused_before_connecting(url: str) -> None:
    http = GuardedClient("Somebody", "https://api.example.com", Context(), result_hosts=["files.example.com"])
    with pytest.raises(Refused):
        http.download(url, limit_bytes=10)


@pytest.mark.usefixtures("no_connect")
def test_a_name_that_also_leads_to_a_private_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: _found("93.184.216.34", "10.0.0.7", port=port))
    http = GuardedClient("Somebody", "https://api.example.com", Context(), result_hosts=["files.example.com"])
    with pytest.raises(Refused, match="not public"):
        http.download("https://files.example.com/x", limit_bytes=10)


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time is never asked a second time."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: _found(next(answers), port=port))
    tried: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(Unsent):
        GuardedClient("Somebody", "https://api.example.com", Context()).order("/train", {}, Secret("dl-secret"))
    assert tried == [("93.184.216.34", 443)]


@pytest.mark.usefixtures("no_connect")
@pytest.mark.parametrize("path", ["//evil.test/x", "@evil.test/x", ".evil.test/x", ":8443/x", "\\@evil.test", "x", ""])
def test_a_path_cannot_lead_the_key_to_another_host(path: str) -> None:
    with pytest.raises(Unsent):
        GuardedClient("Somebody", "https://api.example.invalid", Context()).order(path, {}, Secret("dl-secret"))


def _found(*addresses: str, port: int) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
