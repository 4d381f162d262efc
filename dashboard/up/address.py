"""Where the web server listens, whether that is possible, and what it answers there."""

import errno
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard import CannotStart

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared with, never bound by itself


@dataclass(frozen=True)
class Address:
    """Host and port of the web server."""

    host: str
    port: int

    @property
    def near(self) -> str:
        """The host by which this machine itself reaches the server."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        return f"http://{_in_url(self.near)}:{self.port}"

    def check_free(self) -> None:
        """Raise CannotStart when nothing can listen here."""
        try:
            _listen_briefly(self.host, self.port)
        except socket.gaierror as error:
            raise CannotStart(f"{self.host} is not an address of this computer.") from error
        except OSError as error:
            why = f"Nothing can listen at {self.host}, port {self.port}: {error.strerror}."
            if error.errno == errno.EADDRINUSE:
                why = f"Port {self.port} is used by another program. Choose another one: --port {self._next_free()}"
            elif error.errno == errno.EACCES:
                why = f"Port {self.port} is reserved for the system. Choose one above 1023: --port 8000"
            raise CannotStart(why) from error

    def _next_free(self) -> int:
        for port in range(self.port + 1, min(self.port + 100, 65536)):
            try:
                _listen_briefly(self.host, port)
            except OSError:
                continue
            return port
        return 8000


def is_private(host: str) -> bool:
    """Whether only this machine can reach *host*."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_hosts(address: Address, env: Mapping[str, str]) -> str | None:
    """The ALLOWED_HOSTS that *address* needs when the environment names none; None when it needs nothing.

    Raises CannotStart for an address that does not say under which name other computers will come.
    """
    if is_private(address.host) or any(env.get(name) for name in _NAMES_OF_HOSTS):
        return None
    if address.host in EVERYWHERE:
        raise CannotStart(
            "For other computers to reach Likeness, say at which address they will: for example\n"
            f"    PUBLIC_URL=http://192.168.1.20:{address.port} python3 manage.py up --host {address.host}\n"
            "or name this computer's own address: --host 192.168.1.20"
        )
    return f"localhost,127.0.0.1,[::1],{_in_url(address.host)}"


_NAMES_OF_HOSTS = ("PUBLIC_URL", "PUBLIC_URL_FILE", "ALLOWED_HOSTS", "ALLOWED_HOSTS_FILE")


def host_header(env: Mapping[str, str]) -> str:
    """A Host header that the settings made from *env* accept."""
    first = env.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    name = first or urlsplit(env.get("PUBLIC_URL", "")).hostname or "localhost"
    return "localhost" if name == "*" else name.removeprefix(".")


def ask(address: Address, path: str, header: str, seconds: float = 2.0) -> tuple[int, dict[str, Any]]:
    """The status and JSON with which the server answers GET *path*; (0, {}) when it does not answer in time."""
    try:
        with socket.create_connection((address.near, address.port), timeout=seconds) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {header}\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)
    except (OSError, ValueError, IndexError):
        return 0, {}


def _listen_briefly(host: str, port: int) -> None:
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(place)
        probe.listen(1)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
