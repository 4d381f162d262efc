"""The network under `client`: public addresses only, connections that end in time, answers read to a limit.

A name is resolved once and the connection goes to the very address that was checked, so that a name server cannot
answer differently in between (DNS rebinding), and odd spellings of an address (`2130706433`, `0x7f.1`) are judged by
what they resolve to.
"""

import logging
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

LONGEST_ANSWER = 5 * 1024 * 1024
"""In bytes, unpacked."""
_LONGEST_SECONDS = 120.0
LATEST_START = 5.0
"""Seconds after which an order that was about to be sent must not be sent any more: somebody may soon look for it."""
PATIENCE = 60.0
"""Seconds an answer may take to begin, and then each part of it."""
_PIECE = 16384
"""Bytes written at once: between two pieces the connection's end is looked at."""

# Both libraries log whole URLs, and the URLs of results carry their own keys.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

# IANA's special-purpose registries, plus multicast. `ipaddress.is_private` and `is_global` leave some of these out.
_SPECIAL_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only 2000::/3 is given out for the public; mapped, translated (NAT64) and local addresses all lie outside it.
_GIVEN_OUT_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


class PrivateAddress(httpcore.ConnectError):
    """The name leads to an address that is not on the public internet; nothing was connected."""


def is_public(address: str) -> bool:
    """Whether *address*, an IP address as text, belongs to the public internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _SPECIAL_V4)
    if parsed.scope_id is not None or parsed not in _GIVEN_OUT_V6:
        return False
    return not any(parsed in network for network in _SPECIAL_V6)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only; to any address when *allow_private_hosts*.

    Where *lifetime* is told, each connection ends so many seconds after one began to open it, whatever the other side
    drips: the usual timeouts begin anew with every byte. After a paid request was given up, somebody looks whether it
    arrived, and that proves something only when the request has certainly ended by then.
    """

    def __init__(self, *, allow_private_hosts: bool, lifetime: float | None = None) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._lifetime = lifetime
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        begun = time.monotonic()
        addresses = _resolve(host, port)
        if not self._allow_private_hosts and not all(map(is_public, addresses)):
            raise PrivateAddress("The address is not on the public internet.")
        stream = self._connect_first(addresses, port, timeout, local_address, socket_options)
        return stream if self._lifetime is None else _EndingStream(stream, begun + self._lifetime)

    def _connect_first(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        for address in addresses[:-1]:
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._backend.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise PrivateAddress("A local socket is not on the public internet.")


def _resolve(host: str, port: int) -> list[str]:
    """The addresses behind *host*, at most four, each once. Raises `httpcore.ConnectError` when there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("The name could not be resolved.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise httpcore.ConnectError("The name leads nowhere.")
    return addresses[:4]


class _EndingStream(httpcore.NetworkStream):
    """*stream* until *end*, a moment of the monotonic clock."""

    def __init__(self, stream: httpcore.NetworkStream, end: float) -> None:
        self._stream, self._end = stream, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(timeout, httpcore.ConnectTimeout)
        return _EndingStream(self._stream.start_tls(ssl_context, server_hostname, left), self._end)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """The seconds that the next step may take. Raises *error* when the connection's time is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("The connection's time is over.")
        return left if timeout is None else min(left, timeout)


def longest_order(patience: float) -> float:
    """Seconds after which a paid request with this *patience* has certainly ended, since it was decided on."""
    return LATEST_START + _turn(patience) + 1.25 * patience


def _turn(patience: float) -> float:
    """Seconds a request may wait for a connection."""
    return min(patience, 10.0)


def for_orders(transport: httpx.BaseTransport | None, patience: float, *, allow_private_hosts: bool) -> httpx.Client:
    """A client for paid requests. Each gets a connection of its own, for one kept from before may just be closing, and
    then nobody knows whether the request arrived; and each has certainly ended after 1.25 times *patience*, and 10 s in
    which it may wait for its turn. *transport* replaces the network."""
    backend = GuardedBackend(allow_private_hosts=allow_private_hosts, lifetime=1.25 * patience)
    return _client(transport or _transport(backend, connections_kept=0), patience)


def for_questions(transport: httpx.BaseTransport | None, patience: float, *, allow_private_hosts: bool) -> httpx.Client:
    """A client for what may be asked again. *transport* replaces the network."""
    backend = GuardedBackend(allow_private_hosts=allow_private_hosts)
    return _client(transport or _transport(backend, connections_kept=20), patience)


def _client(transport: httpx.BaseTransport, patience: float) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        event_hooks={"response": [_lead_nowhere]},
        timeout=httpx.Timeout(patience, connect=_turn(patience), pool=_turn(patience)),
        headers={"User-Agent": "Likeness", "Accept-Encoding": "identity"},
        # A cookie given to one account must never go along with another's key.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _lead_nowhere(response: httpx.Response) -> None:
    """Forget where a redirect leads. httpx works that out even when it does not follow, and fails on some addresses
    with what is none of its errors: after a paid request nobody would know what that means."""
    response.headers.pop("Location", None)


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: reading the certificate store takes about 20 ms of work."""
    return httpx.create_ssl_context(trust_env=False)


def _transport(backend: httpcore.NetworkBackend, connections_kept: int) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(verify=_tls(), trust_env=False, retries=0)
    # httpx has no public way to choose how connections are opened; httpcore's pool, which it wraps, does. A test names
    # the versions of both for which this was read and holds.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=_tls(),
        max_connections=100,
        max_keepalive_connections=connections_kept,
        keepalive_expiry=15,
        retries=0,
        network_backend=backend,
    )
    return transport


class BadAnswer(Exception):
    """An answer came, but it is too long, too slow or wrongly packed."""


@dataclass(frozen=True)
class Answer:
    """One complete reply."""

    status: int
    retry_after: str | None
    content: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The beginning of the body, for people."""
        return self.content[:65536].decode("utf-8", "replace")


def exchange(client: httpx.Client, request: httpx.Request) -> Answer:
    """Send *request* and read the whole reply. Raises `httpx.HTTPError` or `BadAnswer`."""
    response = client.send(request, stream=True)
    try:
        return Answer(response.status_code, response.headers.get("Retry-After"), b"".join(_unpacked(response)))
    finally:
        response.close()


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """The body, gzip undone though we did not ask for it, never more than `LONGEST_ANSWER` bytes of it."""
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in {"identity", "", "gzip"}:
        raise BadAnswer(f"packed as {packed[:40]}")
    gunzip = zlib.decompressobj(wbits=31) if packed == "gzip" else None
    room = LONGEST_ANSWER
    until = time.monotonic() + _LONGEST_SECONDS
    for chunk in response.iter_raw():
        try:
            part = gunzip.decompress(chunk, room + 1) if gunzip else chunk
        except zlib.error as error:
            raise BadAnswer("wrongly packed") from error
        room -= len(part)
        if room < 0 or time.monotonic() > until:
            raise BadAnswer("too long" if room < 0 else "too slow")
        yield part
