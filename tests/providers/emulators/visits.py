"""Fetching what an order points to, on this computer only, as awkwardly as providers do."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Visit:
    """One request for a file of ours, and how it was answered; *headers* by their names in small letters."""

    method: str
    url: str
    asked_range: str
    status: int
    body: bytes
    headers: dict[str, str]


def visit(method: str, url: str, asked_range: str = "") -> Visit:
    """Fetch *url*; a status of 0 says that there was no answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, headers={"Range": asked_range} if asked_range else {})
        response = connection.getresponse()
        return Visit(method, url, asked_range, response.status, response.read(), _lowered(response))
    except (OSError, http.client.HTTPException) as error:
        return Visit(method, url, asked_range, 0, str(error).encode(), {})
    finally:
        connection.close()


def _lowered(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
