"""Thousands of hostile and odd files through the real upload form of the whole product.

    python -m tests.benchmarks.hostile [--files N] [--seed S]

Every file is one of the test suite's odd photos, whole, damaged, cut off or with something behind it. Prints how many
became photos, how many were refused, and what must never be: answers of 500 and above, files that were neither taken
nor refused in a sentence, answers that took longer than 10 seconds; and the most memory of any process.
"""

import argparse
import random
import re
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks import processes
from tests.benchmarks.figures import headline, table
from tests.benchmarks.photos import AT_ONCE, MEGABYTE, watched
from tests.benchmarks.visitor import Owner, found
from tests.browser.product import Product
from tests.photos import pictures
from tests.photos.grids import grid
from tests.photos.test_hostile import BOMBS, FORMATS, NOT_PHOTOS

PER_SET = 250
PATIENCE = 900.0


@dataclass
class Tally:
    """What became of the files."""

    statuses: Counter[int] = field(default_factory=Counter)
    unsaid: list[str] = field(default_factory=list)
    """Names of files that were neither taken nor refused in a sentence."""
    slowest: float = 0.0
    ready: int = 0
    refused_later: int = 0
    waiting: int = 0


def whole() -> list[bytes]:
    photos = [pictures.with_everything(kind) for kind in FORMATS] + [grid("HEIF"), grid("AVIF")]
    turned = [pictures.saved(pictures.sideways(way), "JPEG", exif=pictures.exif(way)) for way in range(1, 9)]
    return [*photos, *turned, *NOT_PHOTOS.values(), *BOMBS.values()]


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """*content* as it is, cut off, with bytes changed, with bytes moved, or with something before or behind it."""
    other = chance.choice([b"<?php system('x'); ?>", b"%PDF-1.7", b"PK\x03\x04" + bytes(60), chance.randbytes(300)])
    way = chance.randrange(6)
    if way == 0 or len(content) < 20:
        return content + chance.randbytes(4)  # the same file twice would be refused for that
    if way == 1:
        return content[: chance.randrange(1, len(content))]
    if way == 2:
        return other + content if chance.random() < 0.3 else content + other + chance.randbytes(4)
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 4, 40])):
        place = chance.randrange(min(len(damaged), 2000 if way == 3 else len(damaged)))
        damaged[place] = chance.randrange(256)
    return bytes(damaged)


def send(owner: Owner, address: str, token: str, place: int, content: bytes, tally: Tally) -> None:
    name = f"file-{place}"
    fields = {"csrfmiddlewaretoken": token, "nonce": f"hostile-{place}", "position": str(place), "name": name}
    fields |= {"offset": "0", "size": str(len(content))}
    headers, started = {"Accept": "application/json", "Referer": address}, time.monotonic()
    try:
        files = {"photos": (name, content, "image/jpeg")}
        answer = owner.client.post(f"{address}upload/", data=fields, files=files, headers=headers)
    except httpx.HTTPError:
        tally.unsaid.append(name)
        return
    tally.slowest = max(tally.slowest, time.monotonic() - started)
    tally.statuses[answer.status_code] += 1
    said = answer.json() if answer.status_code in (200, 400, 413) else {}
    if not said.get("photos") and not all(one["sentence"].endswith(".") for one in said.get("refused") or [{}]):
        tally.unsaid.append(name)


def send_a_set(owner: Owner, contents: list[bytes], tally: Tally) -> str:
    """Send *contents* into a new set; returns its address."""
    page = owner.press(owner.open(f"{owner.home}/photos/new/"), name=f"Hostile {time.monotonic()}", subject="object")
    address, token = str(page.url), found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    with ThreadPoolExecutor(AT_ONCE) as sender:
        for place, content in enumerate(contents):
            sender.submit(send, owner, address, token, place, content, tally)
    return address


def settle(owner: Owner, address: str, tally: Tally) -> None:
    """Wait until every photo of the set is ready or refused, and count them."""
    end = time.monotonic() + PATIENCE
    while "Getting ready" in (page := owner.get(address).text) and time.monotonic() < end:
        time.sleep(1)
    tiles = re.findall(r'<li class="tile photo" id="photo-\d+".*?</li>', page, re.DOTALL)
    refused = [tile for tile in tiles if 'data-state="unreadable"' in tile]
    tally.refused_later += len(refused)
    tally.waiting += sum("Getting ready" in tile for tile in tiles)
    tally.ready += len(tiles) - len(refused)
    tally.unsaid += [tile[:80] for tile in refused if not re.search(r"</strong> [A-Z].+\.</p>", tile)]


def main() -> None:
    processes.stop_tidily()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hostile", description=__doc__)
    parser.add_argument("--files", type=int, default=2000, help="how many (default: 2000)")
    parser.add_argument("--seed", type=int, default=1, help="for other files (default: 1)")
    given = parser.parse_args()
    chance, originals, tally = random.Random(given.seed), whole(), Tally()
    contents = [spoiled(chance.choice(originals), chance) for _ in range(given.files)]
    print(headline(f"{given.files} hostile and odd files, {AT_ONCE} at a time"))
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder, Product(Path(folder)) as product:
        owner, started = Owner(product.url), time.monotonic()
        with closing(owner.client), watched(product.process.pid) as memory:
            for first in range(0, given.files, PER_SET):
                address = send_a_set(owner, contents[first : first + PER_SET], tally)
                settle(owner, address, tally)
        seconds = time.monotonic() - started
    print(report(tally, memory.process / MEGABYTE, seconds))


def report(tally: Tally, memory: float, seconds: float) -> str:
    refused = sum(number for status, number in tally.statuses.items() if 400 <= status < 500)
    rows = [
        ("answers of 500 and above", sum(n for status, n in tally.statuses.items() if status >= 500), "", "0"),
        ("neither taken nor refused in a sentence", len(tally.unsaid), "", "0"),
        ("never settled", tally.waiting, "", "0"),
        ("slowest answer", tally.slowest, "s", "< 10"),
        ("most memory of one process (RSS)", memory, "MiB", "≤ 512"),
        ("became photos", tally.ready, "", ""),
        ("refused at once", refused, "", ""),
        ("refused when opened", tally.refused_later, "", ""),
        ("all of it", seconds, "s", ""),
    ]
    return table(("R6", "measured", "", "to reach"), rows) + "".join(f"unsaid: {name}\n" for name in tally.unsaid[:20])


if __name__ == "__main__":
    main()
