"""Two ways to play the provider: a real HTTP server on the loopback address, and answers without a network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

from jobs.providers.context import Context
from jobs.providers.kit.client import GuardedClient

Answer = Callable[[BaseHTTPRequestHandler], None]


def mock_transport(handler: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Like httpx's, but answers are streams, as the network's are."""

    def stream(request: httpx.Request) -> httpx.Response:
        answer = handler(request)
        if not isinstance(answer.stream, httpx.ByteStream):
            return answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_Once(b"".join(answer.stream)))

    return httpx.MockTransport(stream)


class _Once(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


class Loopback:
    """*seen* is every request as `(method, path, headers, body)`; *http* is a client of ours that speaks to it."""

    def __init__(self, answer: Answer) -> None:
        seen: list[tuple[str, str, dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append((self.command, self.path, dict(self.headers), body))
                answer(self)

            do_GET = do_POST = do_HEAD = _handle  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return

        self.seen = seen
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.http = GuardedClient("Here", self.url, Context(allow_private_hosts=True))


@contextmanager
def loopback(answer: Answer) -> Iterator[Loopback]:
    served = Loopback(answer)
    thread = Thread(target=served.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        served.http.close()
        served.server.shutdown()
        served.server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
