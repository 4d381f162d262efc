"""The job list: a page, a refresh with nothing new, a refresh with one changed card, and ten times the jobs.

    python -m tests.benchmarks.job_list [--jobs N] [--rounds N] [--seconds S]

`--jobs 100000` also measures pages of lists, filters and gallery with so many jobs and as many pictures.
"""

import argparse
import gzip
import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import django

from tests.benchmarks import load, processes
from tests.benchmarks.figures import headline, table
from tests.benchmarks.load import Answers
from tests.benchmarks.server import Server
from tests.benchmarks.visitor import Owner, found

JOBS = 10_000
MANY = 16
HTMX = {"HX-Request": "true"}

TRIALS = """
Trials for comparison, taken elsewhere on 2 cores with one process and 10 000 jobs (requests/s at 16 connections):
MLflow 3's list 19, Flower's 82, Django admin's 33, Django templates 145, cached rows 840; refresh with nothing new
3 700 against 5 700 for a constant view. Flower and MLflow are not installed here, so they are not measured.
"""


@dataclass(frozen=True)
class Address:
    """Something to ask for. `path` is read again before each round, because a refresh is only good for a minute."""

    name: str
    path: Callable[[], str]
    headers: dict[str, str]
    status: int = 200


@dataclass(frozen=True)
class Measured:
    """One address in every round, at one connection and at many; and what can be counted."""

    name: str
    alone: list[Answers]
    together: list[Answers]
    queries: int
    sent: int
    compressed: int

    def cells(self) -> tuple[str | float | int, ...]:
        alone, together = load.median(self.alone), load.median(self.together)
        counted = (self.queries, self.sent, self.compressed)
        return (self.name, together.per_second, alone.p50, alone.p95, together.cpu, *counted)

    def cost_of(self, other: "Measured") -> float:
        """CPU of one answer divided by that of *other*: round by round, because the machine's speed drifts."""
        pairs = zip(self.together, other.together, strict=True)
        return statistics.median(own.cpu / others.cpu for own, others in pairs)


class JobList:
    """The addresses to measure, of *owner*'s list on *server*."""

    def __init__(self, server: Server, owner: Owner) -> None:
        self.server, self.owner, self.path = server, owner, owner.jobs_path

    def addresses(self) -> list[Address]:
        return [
            Address("a constant Django view", lambda: "/constant/", {}),
            Address("refresh, nothing new", self._unchanged, HTMX, 204),
            Address("refresh, 1 card of 50 changed", self._one_changed, HTMX),
            Address("page, seen before", lambda: self.path, {}),
            Address("page after a change", lambda: f"{self.path}?before={{n}}", {}),
        ]

    def _unchanged(self) -> str:
        return found(r'id="poller" hx-get="([^"]+)"', self.owner.get(self.path).text)

    def _one_changed(self) -> str:
        """The refresh that a page asks for which was loaded just before the newest job changed."""
        before = self._unchanged()
        change_newest()
        return before

    def measure(self, address: Address, seconds: int) -> tuple[Answers, Answers]:
        path = address.path()
        status = self.owner.client.get(_once(path), headers=address.headers).status_code
        if status != address.status:
            raise RuntimeError(f"{address.name} was answered with {status}.")
        headers = {"Cookie": self.owner.cookie, **address.headers}
        url, pid = f"{self.server.url}{path}", self.server.pid
        return load.ask(url, headers, 1, seconds, pid), load.ask(url, headers, MANY, seconds, pid)

    def count(self, address: Address) -> tuple[int, int, int]:
        """Queries, bytes sent with all headers, and bytes of the page compressed."""
        path = _once(address.path())
        body = self.owner.get(path, **address.headers).content
        asked = queries(path, self.owner, address.headers)
        return asked, self.owner.bytes_of_answer(path), len(gzip.compress(body, 6))


def measured(job_list: JobList, rounds: int, seconds: int) -> list[Measured]:
    """All addresses in turn, again and again. A round before the first one is not counted."""
    addresses = job_list.addresses()
    runs = [[job_list.measure(address, seconds) for address in addresses] for _ in range(rounds + 1)][1:]
    return [
        Measured(
            address.name, [run[place][0] for run in runs], [run[place][1] for run in runs], *job_list.count(address)
        )
        for place, address in enumerate(addresses)
    ]


def queries(path: str, owner: Owner, headers: dict[str, str]) -> int:
    """Database queries of one answer, asked of the same code, database and broker in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers=headers, SERVER_NAME="localhost")
    for cookie in owner.client.cookies.jar:
        client.cookies[cookie.name] = cookie.value or ""
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        client.get(path)
    return len(seen)


def change_newest() -> None:
    """Let the newest job make a step, as a worker would."""
    from django.db import transaction

    from jobs import versions
    from jobs.models import Job

    job = Job.objects.select_related("workspace").latest("id")
    with transaction.atomic():
        version = versions.touch(job.workspace)
        Job.objects.filter(pk=job.pk).update(version=version, percent=(job.percent + 1) % 100)


def report(rows: list[Measured]) -> str:
    head = ("", "req/s at 16", "p50 ms at 1", "p95 ms at 1", "CPU ms", "queries", "bytes", "gzip")
    constant, nothing, changed, page, fresh = rows
    ratios = [
        ("F2: nothing new / constant view", nothing.cost_of(constant), "≤ 1.5"),
        ("F3: 1 changed card / page after a change", changed.cost_of(fresh), "≤ 0.25"),
        ("F3: 1 changed card / page seen before", changed.cost_of(page), "≤ 0.25"),
        ("F1: page seen before / constant view", page.cost_of(constant), "trial 14"),
        ("F1: page after a change / constant view", fresh.cost_of(constant), "trial 39"),
    ]
    cells = [row.cells() for row in rows]
    return table(head, cells) + "\n" + table(("CPU, median of the rounds", "ratio", "to reach"), ratios)


def _once(path: str) -> str:
    return path.replace("{n}", str(load.FIRST_NUMBER))


def main() -> None:
    processes.stop_tidily()
    options = _options()
    print(headline(f"Job list: {JOBS} jobs, 50 rows a page with 4 pictures each; load from {load.GENERATOR}"))
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder, Server(Path(folder)) as server:
        os.environ.update(server.environment)
        django.setup()
        owner = Owner(server.url)
        with closing(owner.client):
            _measure(server, owner, options)


def _measure(server: Server, owner: Owner, options: argparse.Namespace) -> None:
    from tests.benchmarks import growth, seeding

    team = seeding.team()
    seeding.jobs(team, 0, JOBS)
    print(report(measured(JobList(server, owner), options.rounds, options.seconds)), TRIALS, sep="")
    if options.jobs > JOBS:
        print(growth.report(server, owner, team, JOBS, options.jobs))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.job_list", description=__doc__)
    parser.add_argument("--jobs", type=int, default=0, help="measure once more with so many jobs and pictures")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    parser.add_argument("--seconds", type=int, default=1, help="how long each measurement takes (default: 1)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
