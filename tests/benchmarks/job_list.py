"""The job list: a page, a refresh with nothing new, a refresh with one changed card, and ten times the jobs.

    python -m tests.benchmarks.job_list [--jobs N] [--rounds N] [--seconds S]

`--jobs 100000` also measures pages of lists, filters and gallery with so many jobs and as many pictures.
"""

import argparse
import gzip
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django

from tests.benchmarks import load
from tests.benchmarks.figures import headline, table
from tests.benchmarks.load import Answers
from tests.benchmarks.server import Server
from tests.benchmarks.visitor import Visitor, found

JOBS = 10_000
MANY = 16

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
    """One address: at one connection, at many, and what can be counted."""

    name: str
    alone: Answers
    together: Answers
    queries: int
    sent: int
    compressed: int


class JobList:
    """The addresses to measure, of *visitor*'s list on *server*."""

    def __init__(self, server: Server, visitor: Visitor) -> None:
        self.server, self.visitor = server, visitor
        self.path = visitor.jobs_path

    def addresses(self) -> list[Address]:
        htmx = {"HX-Request": "true"}
        return [
            Address("a constant Django view", lambda: "/constant/", {}),
            Address("refresh, nothing new", self._unchanged, htmx, 204),
            Address("refresh, 1 card of 50 changed", self._one_changed, htmx),
            Address("page, seen before", lambda: self.path, {}),
            Address("page after a change", lambda: f"{self.path}?before={{n}}", {}),
        ]

    def _unchanged(self) -> str:
        return found(r'id="poller" hx-get="([^"]+)"', self.visitor.get(self.path).text)

    def _one_changed(self) -> str:
        """The refresh that a page asks for which was loaded just before the newest job changed."""
        before = self._unchanged()
        change_newest()
        self.visitor.get(self.path)
        return before

    def measure(self, address: Address, seconds: int) -> tuple[Answers, Answers]:
        path = address.path()
        status = self.visitor.http.get(_once(path), headers=address.headers).status_code
        if status != address.status:
            raise RuntimeError(f"{address.name} was answered with {status}.")
        headers = {"Cookie": self.visitor.cookie, **address.headers}
        url, pid = f"{self.server.url}{path}", self.server.pid
        return load.ask(url, headers, 1, seconds, pid), load.ask(url, headers, MANY, seconds, pid)

    def count(self, address: Address) -> tuple[int, int, int]:
        """Queries, bytes sent with all headers, and bytes of the page compressed."""
        path = _once(address.path())
        body = self.visitor.get(path, **address.headers).content
        return (
            queries(path, self.visitor, address.headers),
            self.visitor.bytes_of_answer(path),
            len(gzip.compress(body, 6)),
        )


def measured(list_: JobList, rounds: int, seconds: int) -> list[Measured]:
    """All addresses in turn, again and again; the median of each figure."""
    addresses = list_.addresses()
    runs = [[list_.measure(address, seconds) for address in addresses] for _ in range(rounds)]
    found = []
    for place, address in enumerate(addresses):
        alone, together = (load.median([run[place][side] for run in runs]) for side in (0, 1))
        found.append(Measured(address.name, alone, together, *list_.count(address)))
    return found


def queries(path: str, visitor: Visitor, headers: dict[str, str]) -> int:
    """Database queries of one answer, asked of the same code, database and broker in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers=headers, SERVER_NAME="localhost")
    for cookie in visitor.http.cookies.jar:
        client.cookies[cookie.name] = cookie.value or ""
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
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
    cells = [
        (
            row.name,
            row.together.per_second,
            row.alone.p50,
            row.alone.p95,
            row.together.cpu,
            row.queries,
            row.sent,
            row.compressed,
        )
        for row in rows
    ]
    constant, nothing, changed, page, fresh = rows
    ratios = [
        ("F2: nothing new / constant view, CPU", nothing.together.cpu / constant.together.cpu, "≤ 1.5"),
        ("F3: 1 changed card / page after a change, CPU", changed.together.cpu / fresh.together.cpu, "≤ 0.25"),
        ("F3: 1 changed card / page seen before, CPU", changed.together.cpu / page.together.cpu, "≤ 0.25"),
        ("F1: page seen before / constant view, CPU", page.together.cpu / constant.together.cpu, "trial 14"),
        ("F1: page after a change / constant view, CPU", fresh.together.cpu / constant.together.cpu, "trial 39"),
    ]
    return table(head, cells) + "\n" + table(("ratio", "measured", "to reach"), ratios)


def _once(path: str) -> str:
    return path.replace("{n}", str(load.FIRST_NUMBER))


def main() -> None:
    options = _options()
    print(headline(f"Job list: {JOBS} jobs, 50 rows a page with 4 pictures each; load from {load.GENERATOR}"))
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder, Server(Path(folder)) as server:
        os.environ.update(server.environment)
        django.setup()
        with Visitor(server.url) as visitor:
            _measure(server, visitor, options)


def _measure(server: Server, visitor: Visitor, options: argparse.Namespace) -> None:
    from dashboard.models import Workspace
    from jobs import versions
    from tests.benchmarks import seeding

    workspace = Workspace.objects.get()
    users = seeding.people(workspace)
    seeding.seed_jobs(workspace, users, 0, JOBS)
    versions.publish({workspace.pk: workspace.version})  # as the worker's sweep does
    print(report(measured(JobList(server, visitor), options.rounds, options.seconds)), TRIALS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.job_list", description=__doc__)
    parser.add_argument("--jobs", type=int, default=0, help="measure once more with so many jobs and pictures")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default: 3)")
    parser.add_argument("--seconds", type=int, default=2, help="how long each measurement takes (default: 2)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
