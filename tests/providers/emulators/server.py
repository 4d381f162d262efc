"""The emulator's HTTP: which request is which, and a handler that can be made to answer badly."""

import json
import sys
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.providers.emulators import answers

if TYPE_CHECKING:
    from tests.providers.emulators.base import Emulator

_LONGEST_BODY = 20_000_000


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        """The body, or None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Server(ThreadingHTTPServer):
    """*seen* is what came in, the last ten thousand requests; *errors* what the emulator itself failed over."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, emulator: "Emulator") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.emulator = emulator
        self.seen: deque[Seen] = deque(maxlen=10_000)
        self.errors: list[BaseException] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up as they please; anything else is a fault of ours."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.errors.append(error)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def _handle(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        if not urlsplit(self.path).path.startswith("/emulator/"):
            self.server.seen.append(seen)
        answer, fault = self.server.emulator.answer(seen)
        if self.command == "HEAD":
            self.connection.sendall(answer.head())
        else:
            is_whole = answers.send(self.connection, answer, fault, self.server.emulator.stopped)
            if not is_whole or answer.headers.get("Connection") == "close":
                self.close_connection = True

    do_GET = do_POST = do_HEAD = _handle  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return
