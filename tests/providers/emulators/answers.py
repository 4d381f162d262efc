"""Answers on the wire: as they should be, and in every way in which they should not."""

import gzip
import json
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from threading import Event

from tests.providers.emulators.faults import Fault

NOWHERE = "http://127.0.0.1:1/"
_PAGE = b"<!DOCTYPE html><html><body><h1>Welcome to nginx!</h1></body></html>"


@dataclass(frozen=True)
class Answer:
    """One reply. *chunks* stands for a body too large to hold, *size* bytes long."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    size: int = 0

    def head(self) -> bytes:
        length = {"Content-Length": str(self.size if self.chunks is not None else len(self.body))}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**length, **self.headers}.items() if value]
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Odd"
        return "\r\n".join([f"HTTP/1.1 {self.status} {phrase}", *lines, "", ""]).encode()


def of_json(status: int, document: object, **headers: str) -> Answer:
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json", **headers})


def page(status: int = 200) -> Answer:
    return Answer(status, _PAGE, {"Content-Type": "text/html"})


def spoilt(answer: Answer, fault: Fault | None) -> Answer:
    """*answer* with the fault, if it is one that changes the bytes."""
    change = _CHANGES.get(fault.name) if fault else None
    return change(answer, fault) if change and fault else answer


def _status(answer: Answer, fault: Fault) -> Answer:
    return of_json(fault.status, fault.body, **fault.headers)


def _redirect(answer: Answer, fault: Fault) -> Answer:
    status = fault.status if 300 <= fault.status < 400 else 307
    return Answer(status, b"", {"Location": NOWHERE, **fault.headers})


def _with_first(text: bytes) -> Callable[[Answer, Fault], Answer]:
    """Puts *text* behind the first brace of the body."""
    return lambda answer, fault: replace(answer, body=answer.body.replace(b"{", b"{" + text, 1))


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(100 * 1024 * 1024), 1)


_CHANGES: dict[str, Callable[[Answer, Fault], Answer]] = {
    "status": _status,
    "redirect": _redirect,
    "html": lambda answer, fault: page(),
    "empty": lambda answer, fault: Answer(200),
    "half_json": lambda answer, fault: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "nan": _with_first(b'"strange": NaN, '),
    "twice_the_key": _with_first(b'"job_id": "db_00000000", "id": "00000000-u1", '),
    "huge": lambda answer, fault: Answer(200, b'{"x": "' + b"a" * 50_000_000 + b'"}'),
    "gzip_bomb": lambda answer, fault: Answer(200, _bomb(), {"Content-Encoding": "gzip"}),
}


def send(connection: socket.socket, answer: Answer, fault: Fault | None, stopped: Event) -> bool:
    """Put *answer* on the wire, with the fault if it is one of the wire; whether the connection can go on."""
    name = fault.name if fault else ""
    if fault is not None and name in {"reset", "hang"}:
        _hang_up(connection, stopped, fault.seconds if name == "hang" else 0)
        return False
    if fault is not None and name == "cut":
        _send_beginning(connection, answer, fault.at)
        return False
    if fault is not None and name == "slow":
        return _drip(connection, answer, fault.seconds, stopped)
    connection.sendall(answer.head() + answer.body)
    for chunk in answer.chunks or ():
        connection.sendall(chunk)
    return True


def _hang_up(connection: socket.socket, stopped: Event, seconds: float) -> None:
    stopped.wait(seconds)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _send_beginning(connection: socket.socket, answer: Answer, at: int) -> None:
    connection.sendall(answer.head() + answer.body[:at])
    for chunk in answer.chunks or ():
        connection.sendall(chunk[:at])
        at -= len(chunk)
        if at <= 0:
            return


def _drip(connection: socket.socket, answer: Answer, seconds: float, stopped: Event) -> bool:
    body = answer.body or b"".join(answer.chunks or ())
    connection.sendall(answer.head())
    piece = max(1, len(body) // 20)
    for start in range(0, len(body), piece):
        connection.sendall(body[start : start + piece])
        stopped.wait(seconds / 20)
    return True
