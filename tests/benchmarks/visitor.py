"""The owner of the first workspace in a browser, as far as HTTP goes."""

import re
import socket
from html import unescape
from urllib.parse import urlsplit

import httpx

from tests.chaos.visitor import Visitor

EMAIL, PASSWORD = "mara@example.com", "correct horse battery"


class Owner(Visitor):
    """Makes the first workspace of an empty installation, and signs in to it by the form as everybody does."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        welcome = self.open("/welcome/")
        self.press(welcome, name="Mara", email=EMAIL, password=PASSWORD, workspace_name="Studio")
        self.client.cookies.clear()
        answer = self.press(self.open("/account/login/"), login=EMAIL, password=PASSWORD)
        self.jobs_path = urlsplit(str(answer.url)).path
        if not self.jobs_path.endswith("/jobs/"):
            raise RuntimeError(f"Signing in led to {answer.status_code} at {answer.url}")

    @property
    def home(self) -> str:
        """The address of the workspace, without a slash at its end."""
        return self.jobs_path.removesuffix("/jobs/")

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The page at *path*. Raises httpx.HTTPStatusError when it is an error."""
        return self.client.get(path, headers=headers).raise_for_status()

    def bytes_of_answer(self, path: str) -> int:
        """How many bytes the server sends for *path*, headers and all."""
        url = self.client.base_url
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nCookie: {self.cookie}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
            connection.sendall(head.encode())
            return sum(len(part) for part in iter(lambda: connection.recv(65536), b""))


def found(pattern: str, text: str) -> str:
    """The pattern's group in an HTML *text*. Raises RuntimeError when it is not there."""
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"{pattern} is not on the page:\n{text[:2000]}")
    return unescape(match[1])
