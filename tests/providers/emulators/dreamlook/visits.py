"""Fetching the photos of an order, as awkwardly as providers do: late, by HEAD, by Range, twice."""

import http.client
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

from tests.providers.emulators.dreamlook.callbacks import LOOPBACK
from tests.providers.emulators.dreamlook.jobs import Job


@dataclass(frozen=True)
class Visit:
    """One request for a photo or a captions file, and how it was answered."""

    method: str
    url: str
    asked_range: str
    status: int
    body: bytes
    headers: dict[str, str]


class Visitor:
    """Fetches what an order's addresses on this computer point to; a job whose photos cannot be had fails."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []

    def fetch_later(self, job: Job) -> None:
        Thread(target=self.fetch, args=(job,), daemon=True).start()

    def fetch(self, job: Job) -> None:
        """Every photo and the captions: HEAD, the first bytes, and the whole twice."""
        addresses = [*job.training.get("image_urls", []), job.training.get("captions_file_url")] if job.trains else []
        for url in filter(None, addresses):
            if urlsplit(url).hostname in LOOPBACK:
                asked = (("HEAD", ""), ("GET", "bytes=0-9"), ("GET", ""), ("GET", ""))
                seen = [_visit(method, url, part) for method, part in asked]
                if any(visit.status not in {200, 206} for visit in seen):
                    job.fails = f"Could not download {url}"
                self.visits += seen


def _visit(method: str, url: str, asked_range: str) -> Visit:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, headers={"Range": asked_range} if asked_range else {})
        response = connection.getresponse()
        return Visit(method, url, asked_range, response.status, response.read(), dict(response.getheaders()))
    except (OSError, http.client.HTTPException) as error:
        return Visit(method, url, asked_range, 0, str(error).encode(), {})
    finally:
        connection.close()
