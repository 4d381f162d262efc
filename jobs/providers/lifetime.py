"""Connections that live only so long, whatever the other side drips.

After a paid request was given up, somebody looks whether it arrived. That proves something only when the request has
certainly ended by then, and the usual timeouts begin anew with every byte.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

_PIECE = 16384


class MortalBackend(httpcore.NetworkBackend):
    """Connects as *backend* does; each connection ends *seconds* after one began to open it."""

    def __init__(self, backend: httpcore.NetworkBackend, seconds: float) -> None:
        self._backend, self._seconds = backend, seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        end = time.monotonic() + self._seconds
        return _MortalStream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options), end)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        return self._backend.connect_unix_socket(path, timeout, socket_options)


class _MortalStream(httpcore.NetworkStream):
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
        return _MortalStream(self._stream.start_tls(ssl_context, server_hostname, left), self._end)

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
