"""Strangers who are slow on purpose: `python -m tests.chaos.slow --sockets 64`.

From one address they ask and never read, over HTTP/1 and over one connection of HTTP/2, and announce forms that they
never send. Meanwhile somebody else opens pages and sends a form. Prints what that person met.
"""

import argparse
import json
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.browser.product import Product

STRANGER = "127.0.0.2"
PATIENCE = 25.0
"""Seconds within which the other person must get each answer: far longer than any takes, and than they may be kept."""
PIPELINED = 64
"""More than the buffers of both sides take."""
TOKEN = "a" * 32
"""With it a form is read before it is refused."""

Attack = Callable[[socket.socket, str], None]


def never_read(connection: socket.socket, large: str) -> None:
    """Ask for a large file again and again."""
    connection.sendall(f"GET {large} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * PIPELINED)


def never_send(connection: socket.socket, large: str) -> None:
    """Announce a form, and send one byte of it."""
    head = "POST /welcome/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    connection.sendall(f"{head}Cookie: csrf={TOKEN}\r\nContent-Length: 100\r\n\r\na".encode())


def never_open_a_window(connection: socket.socket, large: str) -> None:
    """Ask for a large file 48 times over HTTP/2, and take nothing."""
    path = large.encode()
    fields = b"\x82\x86\x04" + bytes([len(path)]) + path + b"\x01\x09localhost"
    asked = [_frame(1, 0x5, stream, fields) for stream in range(1, 97, 2)]
    window_of_nothing = _frame(4, 0, 0, struct.pack(">HI", 4, 0))
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + window_of_nothing + b"".join(asked))


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


ATTACKS: dict[str, tuple[Attack, bool]] = {
    "never read": (never_read, True),
    "never send": (never_send, True),
    "never open a window": (never_open_a_window, False),
}
"""Each, and whether it needs many connections."""


def run(sockets: int, folder: Path) -> dict[str, dict[str, int | str]]:
    """What somebody else is answered during each attack: statuses, or the error that came instead."""
    with Product(folder, TRUSTED_PROXIES="0") as product:
        published = json.loads((folder / "data" / "static" / "staticfiles.json").read_text())
        large = f"/static/{published['paths']['samples/pip-08.jpg']}"
        return {
            name: _under(attack, sockets if many else 1, product, large) for name, (attack, many) in ATTACKS.items()
        }


def _under(attack: Attack, sockets: int, product: Product, large: str) -> dict[str, int | str]:
    with ExitStack() as held:
        for _ in range(sockets):
            connection = held.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.bind((STRANGER, 0))
            connection.connect(("127.0.0.1", product.port))
            attack(connection, large)
        return {
            "health": _answer(lambda: httpx.get(f"{product.url}/health/live/", timeout=PATIENCE)),
            "page": _answer(lambda: httpx.get(f"{product.url}/welcome/", timeout=PATIENCE)),
            "file": _answer(lambda: httpx.get(product.url + large, timeout=PATIENCE)),
            "form": _answer(lambda: _send_form(product)),
        }


def _send_form(product: Product) -> httpx.Response:
    cookies, data = {"csrf": TOKEN}, {"csrfmiddlewaretoken": "b" * 32}
    return httpx.post(f"{product.url}/welcome/", data=data, cookies=cookies, timeout=PATIENCE)


def _answer(ask: Callable[[], httpx.Response]) -> int | str:
    try:
        return ask().status_code
    except httpx.HTTPError as error:
        return type(error).__name__


def main() -> int:
    """The command line; prints what the other person met and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.slow", description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=64)
    result = run(parser.parse_args().sockets, Path(tempfile.mkdtemp(prefix="likeness-slow-")))
    for name, answers in result.items():
        print(f"{name:>20}  {answers}")
    return any(answer in {503} or isinstance(answer, str) for met in result.values() for answer in met.values())


if __name__ == "__main__":
    sys.exit(main())
