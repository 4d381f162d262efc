"""From a provider's success to a picture on the page: `python -m tests.benchmarks.result_latency --jobs 10`.

Runs the whole product against an emulated dreamlook, orders pictures one after the other, and asks the job's page for
what changed as often as an open page does. Half of the jobs ring when they have ended; for the others
callbacks never come, so that only asking finds out. Prints how long it took from the end there to the picture here.
"""

import argparse
import re
import statistics
import tempfile
import time
from contextlib import closing
from html import unescape
from pathlib import Path

from tests.benchmarks.figures import headline, table
from tests.benchmarks.visitor import Owner
from tests.browser.product import Product
from tests.chaos.buyer import EMAIL, PASSWORD
from tests.chaos.ledger import Ledger
from tests.chaos.paid import House, environment
from tests.chaos.visitor import Visitor
from tests.providers.emulators.dreamlook import Emulator, Fault, Pace, emulated

PICTURE = re.compile(r'<img[^>]+src="/m/')
POLLER = re.compile(r'id="poller" hx-get="([^"]+)"')
PAUSE = re.compile(r'data-poll-seconds="([0-9.]+)"')


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.result_latency")
    parser.add_argument("--jobs", type=int, default=10, help="of each sort")
    chosen = parser.parse_args()
    with emulated(pace=Pace(queue=1.0, image=6.0)) as emulator:
        emulator.service.open_account("dreamlook-account-0")
        rung = measure(emulator, chosen.jobs)
        emulator.faults.always("callback", Fault("never"))
        asked = measure(emulator, chosen.jobs)
    print(headline(f"From success at the provider to the picture on the page, {chosen.jobs} jobs each"))
    head = ["", "median s", "p95 s", "worst s", "to be"]
    print(table(head, [_row("by callback", rung, "< 2 s"), _row("by asking", asked, "< interval of 3 s + 2 s")]))


def _row(name: str, seconds: list[float], limit: str) -> list[object]:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [name, statistics.median(ordered), p95, ordered[-1], limit]


def measure(emulator: Emulator, jobs: int) -> list[float]:
    """Seconds for each of so many jobs, in a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="likeness-latency-") as name:
        product = Product(Path(name))
        told = environment(emulator, product.port, 60.0)
        product.environment |= told
        with product, closing(Owner(product.url).client), House(product.folder / "data", product.port, told) as house:
            house.start("buyer", "dreamlook", emulator.url, 1, jobs, 1, 1, "none", "generation")
            return _watch(product, emulator, jobs)


def _watch(product: Product, emulator: Emulator, jobs: int) -> list[float]:
    """Open the page of each job when there is one, and wait for its picture."""
    ledger, visitor, seconds = Ledger(product.folder / "data"), Visitor(product.url), list[float]()
    while len(seconds) < jobs:
        rows = ledger.rows("SELECT id, name, provider_job_id FROM jobs_job ORDER BY id")[len(seconds) :]
        if rows and rows[0]["provider_job_id"]:
            if not seconds:
                visitor.press(visitor.open("/account/login/"), login=EMAIL, password=PASSWORD)
            seen = _seen(visitor, f"/w/shop/jobs/{rows[0]['id']}/")
            seconds.append(seen - emulator.service.jobs[rows[0]["provider_job_id"]].ended)
        time.sleep(0.05)
    return seconds


def _seen(visitor: Visitor, page: str) -> float:
    """When the picture is on the job's page, which asks for changes as often as it says itself."""
    said = visitor.open(page).text
    while not PICTURE.search(said):
        address, pause = POLLER.search(said), PAUSE.search(said)
        time.sleep(float(pause[1]) if pause else 1.0)
        target = unescape(address[1]) if address else page
        said = visitor.client.get(target, headers={"HX-Request": "true"}).text or said
    return time.time()


if __name__ == "__main__":
    main()
