"""What reaches the browser beside pages, and how soon: pictures (F11), style sheets and scripts (F13), the start (F14).

python -m tests.benchmarks.delivery [--rounds N]
"""

import argparse
import os
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

import django
import httpx
from PIL import Image

from jobs.photos import codec
from tests.benchmarks import load, processes
from tests.benchmarks.figures import headline, table
from tests.benchmarks.server import Server
from tests.benchmarks.visitor import Owner
from tests.browser.product import Product
from tests.page_weight import LIMIT, Scales
from tests.photo_files import SAMPLES

MANY = 16
SECONDS = 2
MEGABYTE = 1 << 20
SETTLED_SECONDS = 5.0
PAGES = (
    *("jobs/", "jobs/new/training/", "jobs/new/generation/", "gallery/", "photos/", "photos/new/", "models/"),
    *("keys/", "keys/new/", "team/", "settings/"),
)


class Timed(Product):
    """The product, and how many seconds its first page took to come."""

    first_page = 0.0

    def wait_until_ready(self, seconds: float = 90) -> None:
        start = time.monotonic()
        while not self.first_page and time.monotonic() - start < seconds:
            self.first_page = time.monotonic() - start if self._shows_a_page() else 0.0
            time.sleep(0.05)
        super().wait_until_ready(seconds)

    def _shows_a_page(self) -> bool:
        try:
            return httpx.get(self.url, follow_redirects=True, timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def pictures(rounds: int) -> str:
    """F11: a thumbnail by its signed address, without cookie, next to a view that does nothing."""
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder, Server(Path(folder)) as server:
        os.environ.update(server.environment)
        django.setup()
        with closing(Owner(server.url).client):
            path, size = _stored_thumbnail()
        runs = [(_ask(server, "/constant/"), _ask(server, path)) for _ in range(rounds + 1)][1:]
    constant, thumbnail = (load.median([run[side] for run in runs]) for side in (0, 1))
    cost = statistics.median(picture.cpu / nothing.cpu for nothing, picture in runs)
    rows = [
        ("a constant Django view", constant.per_second, constant.cpu, None),
        (f"a thumbnail of {size / 1000:.0f} KB", thumbnail.per_second, thumbnail.cpu, cost),
    ]
    head = ("F11, one process (trial 3 200/s, to reach 2 500/s)", "req/s at 16", "CPU ms", "× the constant view")
    return table(head, rows)


def _stored_thumbnail() -> tuple[str, int]:
    """The signed address of a real thumbnail, and its bytes."""
    from dashboard.models import Workspace
    from jobs.files import media, storage

    workspace = Workspace.objects.get()
    with Image.open(SAMPLES[0]) as sample:
        content = codec.thumbnail(sample.convert("RGB"))
    return media.address(workspace, storage.put(workspace.pk, "thumbnails", content, ".webp").name), len(content)


def _ask(server: Server, path: str) -> load.Answers:
    return load.ask(f"{server.url}{path}", {}, MANY, SECONDS, server.pid)


def start_and_weight() -> str:
    """F14 and F13: a first and a second start, the memory of everything, and what pages load."""
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder:
        with Timed(Path(folder)) as first:
            owner = Owner(first.url)
            with closing(owner.client):
                weights = _weights(owner)
            time.sleep(SETTLED_SECONDS)
            memory = [(_short(pid), processes.pss_bytes(pid)) for pid in processes.family(first.process.pid)]
        with Timed(Path(folder)) as second:
            pass
    total = sum(size for _, size in memory) / MEGABYTE
    rows = [
        ("first page, first start", first.first_page, "s", "< 10"),
        ("first page, second start", second.first_page, "s", "< 5"),
        ("memory of all processes (PSS)", total, "MiB", "< 400"),
        *(("   " + name, size / MEGABYTE, "MiB", "") for name, size in memory),
    ]
    return table(("F14", "measured", "", "to reach"), rows) + "\n" + weights


def _weights(owner: Owner) -> str:
    scales = Scales(lambda address: owner.get(address).content)
    paths = ["/account/password/reset/", *(f"{owner.home}/{page}" for page in PAGES), "/system/", "/admin/"]
    rows = [(path, scales.weight(owner.get(path).text)) for path in paths]
    return table(
        (f"F13, bytes of CSS and JavaScript compressed (to reach: {LIMIT}; not the admin panel)", "bytes"), rows
    )


def _short(pid: int) -> str:
    """What a process is, from its command line."""
    words = processes.command(pid).split()
    names = ("valkey-server", "granian", "worker", "beat", "up", "celery")
    return next((name for name in names if any(name in word for word in words)), words[0] if words else "ended")


def main() -> None:
    processes.stop_tidily()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.delivery", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often pictures are measured (default: 3)")
    rounds = parser.parse_args().rounds
    print(headline(f"Delivery; load from {load.GENERATOR}"))
    print(start_and_weight())
    print(pictures(rounds))


if __name__ == "__main__":
    main()
