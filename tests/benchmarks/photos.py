"""Twenty photos of 12 megapixels, sent to the whole product as a browser sends them: three at a time.

    python -m tests.benchmarks.photos [--photos N]

Prints when the first and the last thumbnail can be seen and when the report card is complete, next to what preparing
the photos costs without a product around it, and the most memory that any process of the product used.
"""

import argparse
import io
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops

from jobs.photos import codec, limits
from jobs.photos.sniff import Kind
from tests.benchmarks import processes
from tests.benchmarks.figures import CORES, headline, table
from tests.benchmarks.visitor import Owner, found
from tests.browser.product import Product
from tests.photo_files import SAMPLES

SIZE = (4000, 3000)
AT_ONCE = 3
"""As `static/js/upload-queue.js` does."""
PART = 2 << 20
"""As `static/js/upload-request.js` does."""
LOOK_EVERY = 0.25
MEGABYTE = 1 << 20
GIVE_UP_SECONDS = 300.0


@dataclass
class Memory:
    """The most that was seen, in bytes: of one process (RSS), and of all together (PSS)."""

    process: int = 0
    command: str = ""
    together: int = 0

    def look(self, pid: int) -> None:
        members = processes.family(pid)
        for member in members:
            peak = processes.peak_rss_bytes(member)
            if peak > self.process:
                self.process, self.command = peak, processes.command(member)
        self.together = max(self.together, sum(processes.pss_bytes(member) for member in members))


@dataclass
class Times:
    """Seconds since the first byte was sent."""

    start: float = field(default_factory=time.monotonic)
    first: float = 0.0
    sent: float = 0.0
    everything: float = 0.0
    report: float = 0.0

    def now(self) -> float:
        return time.monotonic() - self.start

    def note_sent(self) -> None:
        self.sent = self.now()


def photo(number: int) -> bytes:
    """A JPEG of 12 megapixels with the detail and the noise of a camera's; each *number* is another picture."""
    with Image.open(SAMPLES[number % len(SAMPLES)]) as sample:
        large = sample.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    noise = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 20 + number).resize(SIZE)
    file = io.BytesIO()
    ImageChops.add(large, Image.merge("RGB", [noise] * 3), scale=1.0, offset=-128).save(file, "JPEG", quality=90)
    return file.getvalue()


def alone(content: bytes) -> float:
    """Seconds that one photo takes when nothing but decoding and encoding is done, in this process."""
    start = time.perf_counter()
    opened = codec.decode(io.BytesIO(content), frozenset(Kind), limits.MIN_PHOTO_SIDE)
    image = codec.within(opened, limits.PREPARED_SHORT_SIDE, limits.PREPARED_LONG_SIDE)
    codec.jpeg(image)
    codec.thumbnail(image)
    return time.perf_counter() - start


def take_in(owner: Owner, photos: list[bytes]) -> Times:
    """Send *photos* into a new set and watch its page until all of them can be seen."""
    page = owner.press(owner.open(f"{owner.home}/photos/new/"), name="Pip", subject="object")
    address, token = str(page.url), found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    times = Times()
    with ThreadPoolExecutor(AT_ONCE) as sender:
        sent = [sender.submit(send, owner, address, token, place, content) for place, content in enumerate(photos)]
        sent[-1].add_done_callback(lambda _: times.note_sent())
        watch(owner, address, len(photos), times)
    for sending in sent:
        sending.result()
    return times


def send(owner: Owner, address: str, token: str, place: int, content: bytes) -> None:
    """Send one file as the page's script does, part by part."""
    name, offset = f"IMG_{place:04}.jpg", 0
    fields = {"csrfmiddlewaretoken": token, "nonce": f"benchmark-{place}", "position": str(place), "name": name}
    headers = {"Accept": "application/json", "Referer": address}
    while offset < len(content):
        at = {"offset": str(offset), "size": str(len(content))}
        files = {"photos": (name, content[offset : offset + PART], "image/jpeg")}
        answer = owner.client.post(f"{address}upload/", data=fields | at, files=files, headers=headers)
        offset = answer.raise_for_status().json()["offset"]


def watch(owner: Owner, address: str, count: int, times: Times) -> None:
    """Look at the page again and again; the first picture counts when its thumbnail has been fetched too."""
    while not times.report and times.now() < GIVE_UP_SECONDS:
        page = owner.get(address).text
        pictures = re.findall(r'<img src="(/m/[^"]+)"', page.partition('id="photos"')[2])
        if pictures and not times.first:
            owner.get(pictures[0])
            times.first = times.now()
        if len(set(pictures)) >= count:
            times.everything = times.everything or times.now()
            times.report = times.now() if "Looking at" not in page and "Report card" in page else 0.0
        time.sleep(LOOK_EVERY)


@contextmanager
def watched(pid: int) -> Iterator[Memory]:
    """The memory of *pid* and its descendants, looked at twenty times a second."""
    memory, is_over = Memory(), threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            memory.look(pid)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield memory
    finally:
        is_over.set()
        thread.join()


def main() -> None:
    processes.stop_tidily()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.photos", description=__doc__)
    parser.add_argument("--photos", type=int, default=20, help="how many (default: 20)")
    count = parser.parse_args().photos
    photos = [photo(number) for number in range(count)]
    size = sum(map(len, photos)) / count / MEGABYTE
    print(headline(f"{count} photos of {SIZE[0]} × {SIZE[1]} pixels, {size:.1f} MB each, {AT_ONCE} at a time"))
    bare = statistics.median(alone(content) for content in photos[:3])
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder, Product(Path(folder)) as product:
        owner = Owner(product.url)
        with closing(owner.client), watched(product.process.pid) as memory:
            times = take_in(owner, photos)
    print(report(times, memory, bare, count))


def report(times: Times, memory: Memory, bare: float, count: int) -> str:
    least = bare * count / (CORES or 1)
    rows = [
        ("first thumbnail seen", times.first, "s", "< 2", times.first / bare),
        ("all sent", times.sent, "s", "", None),
        ("all thumbnails seen", times.everything, "s", "< 20", times.everything / least),
        ("report card complete", times.report, "s", "< 20", times.report / least),
        ("most memory of one process (RSS)", memory.process / MEGABYTE, "MiB", "≤ 512", None),
        ("most memory of all together (PSS)", memory.together / MEGABYTE, "MiB", "", None),
    ]
    note = f"The limit is decoding and encoding alone: {bare:.2f} s a photo, {least:.1f} s for all on {CORES} cores.\n"
    return (
        table(("F10", "measured", "", "to reach", "× the limit"), rows)
        + note
        + f"Most memory: {memory.command[:100]}\n"
    )


if __name__ == "__main__":
    main()
