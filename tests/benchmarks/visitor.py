"""A person in a browser, as far as HTTP goes: makes the first workspace, signs in, asks for pages."""

import re
import socket
from html import unescape
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

EMAIL, PASSWORD, WORKSPACE = "mara@example.com", "correct horse battery", "Studio"


class Visitor:
    """Signed in at the product that answers at *url*, as the owner of its only workspace."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=120)

    def __enter__(self) -> Self:
        first = {"name": "Mara", "email": EMAIL, "password": PASSWORD, "workspace_name": WORKSPACE}
        self.jobs_path = urlsplit(str(self.post("/welcome/", first).url)).path
        self.post("/account/logout/", {}, form_at=self.jobs_path)
        answer = self.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
        if "Studio" not in answer.text:
            raise RuntimeError(f"Nobody is signed in: {answer.status_code} at {answer.url}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    @property
    def workspace_path(self) -> str:
        return self.jobs_path.removesuffix("jobs/")

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The page at *path*. Raises httpx.HTTPStatusError when it is an error."""
        return self.http.get(path, headers=headers).raise_for_status()

    def post(self, path: str, fields: dict[str, str], form_at: str = "") -> httpx.Response:
        """Send a form as its page (at *form_at*, or where it is sent to) would."""
        token = self.token(form_at or path)
        answer = self.http.post(path, data={"csrfmiddlewaretoken": token, **fields})
        return answer.raise_for_status()

    def token(self, path: str) -> str:
        """The form token of the page at *path*."""
        return found(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)

    def bytes_of_answer(self, path: str) -> int:
        """Everything the server sends back for *path*, headers and all."""
        url = self.http.base_url
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nCookie: {self.cookie}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
            connection.sendall(request.encode())
            return sum(len(part) for part in iter(lambda: connection.recv(65536), b""))


def found(pattern: str, text: str) -> str:
    """The pattern's group in an HTML *text*. Raises RuntimeError when it is not there."""
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"{pattern} is not on the page:\n{text[:2000]}")
    return unescape(match[1])
