"""Fetching the photos of an order, as awkwardly as providers do: late, by HEAD, by Range, twice."""

from threading import Thread
from urllib.parse import urlsplit

from tests.providers.emulators.callbacks import LOOPBACK
from tests.providers.emulators.dreamlook.jobs import Job
from tests.providers.emulators.visits import Visit, visit


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
                seen = [visit(method, url, part) for method, part in asked]
                if any(one.status not in {200, 206} for one in seen):
                    job.fails = f"Could not download {url}"
                self.visits += seen
