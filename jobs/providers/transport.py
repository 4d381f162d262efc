"""The network under `http`: clients that connect to public addresses only, and answers read to a limit."""

import logging
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpcore
import httpx

from jobs.providers.addresses import GuardedBackend
from jobs.providers.lifetime import MortalBackend

LONGEST_ANSWER = 5 * 1024 * 1024
"""In bytes, unpacked."""
_LONGEST_SECONDS = 120.0
LATEST_START = 5.0
"""Seconds after which an order that was about to be sent must not be sent any more: somebody may soon look for it."""
PATIENCE = 60.0
"""Seconds an answer may take to begin, and then each part of it."""

# Both libraries log whole URLs, and the URLs of results carry their own keys.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


def longest_order(patience: float) -> float:
    """Seconds after which a paid request with this *patience* has certainly ended, since it was decided on."""
    return LATEST_START + _turn(patience) + 1.25 * patience


def _turn(patience: float) -> float:
    """Seconds a request may wait for a connection."""
    return min(patience, 10.0)


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


def for_orders(transport: httpx.BaseTransport | None, patience: float, *, allow_private_hosts: bool) -> httpx.Client:
    """A client for paid requests. Each gets a connection of its own, for one kept from before may just be closing, and
    then nobody knows whether the request arrived; and each has certainly ended after 1.25 times *patience*, and 10 s in
    which it may wait for its turn. *transport* replaces the network."""
    backend = MortalBackend(GuardedBackend(allow_private_hosts=allow_private_hosts), 1.25 * patience)
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
        timeout=httpx.Timeout(patience, connect=_turn(patience), pool=_turn(patience)),
        headers={"User-Agent": "Likeness", "Accept-Encoding": "identity"},
        # A cookie given to one account must never go along with another's key.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


@cache
def _tls() -> SSLContext:
    """One for all clients: reading the certificate store takes about 20 ms of work."""
    return httpx.create_ssl_context(trust_env=False)


def _transport(backend: httpcore.NetworkBackend, connections_kept: int) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(verify=_tls(), trust_env=False, retries=0)
    # httpx has no public way to choose how connections are opened; httpcore's pool, which it wraps, does.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=_tls(),
        max_connections=100,
        max_keepalive_connections=connections_kept,
        keepalive_expiry=15,
        retries=0,
        network_backend=backend,
    )
    return transport


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
        part = _gunzipped(gunzip, chunk, room) if gunzip else chunk
        room -= len(part)
        if room < 0 or time.monotonic() > until:
            raise BadAnswer("too long" if room < 0 else "too slow")
        yield part


def _gunzipped(gunzip: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        return gunzip.decompress(chunk, room + 1)
    except zlib.error as error:
        raise BadAnswer("wrongly packed") from error
