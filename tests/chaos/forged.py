"""Forged callbacks by the thousand: `python -m tests.chaos.forged --count 10000 --seed 1`.

A web server with jobs under way gets callbacks that nobody was asked for: tokens by chance, near misses of real ones,
odd paths, odd bodies. Afterwards the database is compared with what it was. Prints a table.
"""

import argparse
import hashlib
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.browser.product import free_port
from tests.chaos.ledger import Ledger
from tests.chaos.paid import House, environment
from tests.providers.emulators.dreamlook import Emulator, Pace, emulated

JOBS = 6
AT_ONCE = 8
BODIES = (b'{"job_id": "%s", "state": "success"}', b"", b"[", b"[]", b"\x00\xff", b'{"job_id": {}}', b"[" * 50_000)
VOLATILE = frozenset({"jobs_lease", "dashboard_heartbeat", "sqlite_sequence"})


@dataclass
class Result:
    """How the forged callbacks were answered, and what they changed."""

    seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    bodies: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)

    def table(self) -> str:
        facts = {
            "forged callbacks": f"{self.answers.total()} in {self.seconds:.0f} s",
            "answers": dict(self.answers),
            "different bodies": len(self.bodies),
            "tables changed": self.changed or 0,
        }
        return "\n".join(f"{name:>20}  {value}" for name, value in facts.items())


def run(count: int, seed: int, folder: Path) -> Result:
    """Send *count* forged callbacks to an installation in *folder*, and one request to an address there is not."""
    with emulated(seed=seed, pace=Pace(queue=3600)) as emulator:
        emulator.service.open_account("dreamlook-account-0")
        port = free_port()
        with House(folder, port, environment(emulator, port, 5.0)) as house:
            _begin(house, emulator, folder, seed)
            return _forge(count, Random(seed), emulator, folder, f"http://127.0.0.1:{port}")


def _begin(house: House, emulator: Emulator, folder: Path, seed: int) -> None:
    """Jobs under way, and nobody at work any more but the web server."""
    worker, ledger = house.start("worker"), Ledger(folder)
    house.start("buyer", "dreamlook", emulator.url, seed, JOBS, JOBS, 1, "none")
    while len(emulator.service.ledger) < JOBS or ledger.count("jobs_job WHERE state = 'queued'") < JOBS:
        time.sleep(0.2)
    house.end(worker)
    house.start("web")


def _forge(count: int, random: Random, emulator: Emulator, folder: Path, url: str) -> Result:
    result, calls = Result(), list(_calls(count, random, emulator))
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        _wait_for(client)
        result.bodies.add(_shown(client.post("/callbacks-there-are-none/")))
        before, began = _contents(folder), time.monotonic()
        for answer in pool.map(lambda call: client.post(call[0], content=call[1]), calls):
            result.answers[answer.status_code] += 1
            result.bodies.add(_shown(answer))
        result.seconds = time.monotonic() - began
    after = _contents(folder)
    result.changed = [table for table in before if before[table] != after[table]]
    return result


def _calls(count: int, random: Random, emulator: Emulator) -> Iterator[tuple[str, bytes]]:
    """Paths and bodies. Some look like real ones but for one character, or carry a real job's id."""
    real = [charge.request for charge in emulator.service.ledger]
    tokens = [_token(request) for request in real]
    ids = [charge.job_id.encode() for charge in emulator.service.ledger]
    forge = (_by_chance, _nearly, _swapped, _cut, _hashed)
    for _ in range(count):
        token = random.choice(forge)(random, random.choice(tokens))
        body = random.choice(BODIES)
        yield f"/callbacks/{token}/", body % random.choice(ids) if b"%s" in body else body


def _token(request: dict) -> str:
    callback = request.get("callback") or request["dreambooth"]["callback"]
    return callback.rstrip("/").rpartition("/")[2]


def _by_chance(random: Random, token: str) -> str:
    return random.randbytes(random.choice([8, 16, 24, 32])).hex()


def _nearly(random: Random, token: str) -> str:
    place = random.randrange(len(token))
    return token[:place] + random.choice([one for one in "aZ9-_" if one != token[place]]) + token[place + 1 :]


def _swapped(random: Random, token: str) -> str:
    return token.swapcase()


def _cut(random: Random, token: str) -> str:
    return token[: random.randrange(1, len(token))]


def _hashed(random: Random, token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _wait_for(client: httpx.Client) -> None:
    while True:
        try:
            client.get("/health/live/")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return


def _shown(answer: httpx.Response) -> str:
    """The answer without what is another in each: the number under which it is logged, and form tokens."""
    return re.sub(r"[A-Za-z0-9]{64}|[0-9a-f]{8,}", "", f"{answer.status_code} {answer.text}")


def _contents(folder: Path) -> dict[str, str]:
    """A hash of each table."""
    with closing(sqlite3.connect(f"file:{folder}/likeness.sqlite3?mode=ro", uri=True, timeout=30)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(map(repr, database.execute(f"SELECT * FROM {name}"))) for name in names}
    return {
        name: hashlib.sha256(repr(all_).encode()).hexdigest() for name, all_ in rows.items() if name not in VOLATILE
    }


def main() -> int:
    """The command line; prints the table and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.forged", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    result = run(chosen.count, chosen.seed, Path(tempfile.mkdtemp(prefix="likeness-forged-")))
    print(result.table())
    return bool(set(result.answers) != {404} or len(result.bodies) != 1 or result.changed)


if __name__ == "__main__":
    sys.exit(main())
