"""A thousand jobs under way at a provider that answers for one at a time (F8): `python -m tests.benchmarks.polling`.

The whole product runs with its one worker process against an emulated RunPod in a process of its own. The jobs were
ordered one after the other over the last hour, under four keys. Prints how often the provider was asked, how late each
answer was since its job was due, and what the worker used.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.benchmarks import processes
from tests.benchmarks.figures import headline, table
from tests.browser.product import ROOT, Product, free_port
from tests.chaos.ledger import Ledger

EXPECTED = 3600
"""Seconds that a job is said to take."""
WARM_UP = 20.0
BETWEEN_SAMPLES = 0.4
MEGABYTE = 1 << 20


@dataclass
class Measured:
    """*late* is the seconds from when each job was due to when its answer was taken in."""

    seconds: float = 0.0
    questions: int = 0
    most_in_ten_seconds: int = 0
    worker_cpu: float = 0.0
    worker_waited: float = 0.0
    worker_memory: int = 0
    late: list[float] = field(default_factory=list)
    never_asked: int = 0


def main() -> None:
    """The command line."""
    processes.stop_tidily()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.polling", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--keys", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--minutes", type=float, default=60.0, help="for how long the jobs have been coming in")
    chosen = parser.parse_args()
    accounts = [f"rp-benchmark-{number}" for number in range(chosen.keys)]
    with tempfile.TemporaryDirectory(prefix="likeness-polling-") as folder, emulated(accounts) as url:
        there = {"PROVIDER_BASE_URLS": f"runpod={url}", "ALLOW_PRIVATE_PROVIDER_HOSTS": "1"}
        with Product(Path(folder), **there) as product:
            found = measure(product, url, accounts, chosen)
    _print(chosen, found)


@contextmanager
def emulated(accounts: list[str]) -> Iterator[str]:
    """A RunPod in a process of its own, where nothing ever ends; its address."""
    port = free_port()
    told = ["--port", str(port), "--queue", "1", "--training", "1e6", *(f"--account={one}" for one in accounts)]
    command = [sys.executable, "-m", "tests.providers.emulators.runpod", *told]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def measure(product: Product, url: str, accounts: list[str], chosen: argparse.Namespace) -> Measured:
    """Let the jobs be under way, wait until all goes its way, and watch for so many seconds."""
    _under_way(product, url, accounts, chosen)
    time.sleep(WARM_UP)
    worker = next(pid for pid in processes.family(product.process.pid) if " worker " in processes.command(pid))
    found, ledger = Measured(), Ledger(product.folder / "data")
    asked, cpu, waited = _state(url)["questions"], processes.cpu_seconds(worker), processes.waited_seconds(worker)
    began = time.monotonic()
    found.late, due = _watch(ledger, began + chosen.seconds)
    found.seconds = time.monotonic() - began
    found.worker_cpu = processes.cpu_seconds(worker) - cpu
    found.worker_waited = max(0.0, processes.waited_seconds(worker) - waited)
    found.worker_memory = processes.peak_rss_bytes(worker)
    state = _state(url)
    found.questions, found.most_in_ten_seconds = state["questions"] - asked, state["most_in_ten_seconds"]
    waiting = [time.time() - at for at in due.values() if at is not None and time.time() > at + 2]
    found.late += waiting
    found.never_asked = len(waiting)
    return found


def _under_way(product: Product, url: str, accounts: list[str], chosen: argparse.Namespace) -> None:
    """Jobs that RunPod took, their rows written straight into the product's database."""
    os.environ |= {"DATA_DIR": str(product.folder / "data"), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    import django

    django.setup()
    from dashboard.models import User, Workspace
    from jobs.operations.api_keys import keys
    from jobs.operations.api_keys.keys import SubmittedOptions

    workspace = Workspace.objects.create(name="Studio", slug="studio")
    user = User.objects.create_user("mara@example.com", secrets.token_urlsafe(20))
    told = SubmittedOptions({"endpoint_id": "dream-booth-v1"})
    rows = [keys.add(workspace, user, "runpod", account, account, told) for account in accounts]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: _order(url, accounts[number % len(accounts)]), range(chosen.jobs)))
    _write(workspace, rows, ids, 60 * chosen.minutes)


def _order(url: str, account: str) -> str:
    train = {"data_url": "https://us.example/photos.zip"}
    body = {"input": {"train": train, "inference": [{"prompt": "x"}]}, "policy": {"executionTimeout": 86_400_000}}
    headers = {"Authorization": f"Bearer {account}", "Content-Type": "application/json"}
    with urlopen(Request(f"{url}/v2/dream-booth-v1/run", json.dumps(body).encode(), headers), timeout=30) as answer:
        return str(json.load(answer)["id"])


def _write(workspace: Any, keys: list[Any], ids: list[str], seconds: float) -> None:
    """The jobs are as old as if they had come evenly over so many seconds, and fall due as such jobs do."""
    from datetime import timedelta

    from django.utils import timezone

    from jobs.models import Job, JobState
    from jobs.operations.jobs.snapshot import next_poll
    from jobs.operations.providers import provider

    now, service, rows = timezone.now(), provider("runpod"), []
    for number, id_ in enumerate(ids):
        age = timedelta(seconds=seconds * number / len(ids))
        order = {"workspace": workspace, "api_key": keys[number % len(keys)], "provider": "runpod"}
        order |= {"kind": "train_and_generate", "name": id_, "idempotency_key": id_}
        life = {"submitted_at": now - age, "estimated_seconds_high": EXPECTED}
        job = Job(**order, **life, state=JobState.QUEUED, provider_job_id=id_)
        wait = next_poll(job, service, now) * (number * 7919 % len(ids)) / len(ids)
        job.next_action_at = now + timedelta(seconds=wait)
        rows.append(job)
    Job.objects.bulk_create(rows)


def _watch(ledger: Ledger, until: float) -> tuple[list[float], dict[int, float | None]]:
    """How late each answer was, and when each job is due next."""
    late, due, checked = list[float](), dict[int, float | None](), dict[int, float | None]()
    while time.monotonic() < until:
        for row in ledger.rows("SELECT id, next_action_at AS due, last_checked_at AS checked FROM jobs_job"):
            now_due, now_checked = _seconds(row["due"]), _seconds(row["checked"])
            was_due = due.get(row["id"])
            if row["id"] in due and now_checked != checked[row["id"]] and now_checked and was_due:
                late.append(max(0.0, now_checked - was_due))
            due[row["id"]], checked[row["id"]] = now_due, now_checked
        time.sleep(BETWEEN_SAMPLES)
    return late, due


def _seconds(written: str | None) -> float | None:
    return datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp() if written else None


def _state(url: str) -> dict[str, Any]:
    with urlopen(f"{url}/emulator/state", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _print(chosen: argparse.Namespace, found: Measured) -> None:
    late = sorted(found.late)
    at = lambda share: late[min(len(late) - 1, int(share * len(late)))] if late else None  # noqa: E731
    told = f"{chosen.jobs} jobs of the last {chosen.minutes:g} min, {chosen.keys} keys, {found.seconds:.0f} s"
    print(headline(f"Asking a provider that answers for one job at a time: {told}"))
    rows = [
        ("questions a second", found.questions / found.seconds, ""),
        ("most questions in 10 s", found.most_in_ten_seconds, "< 2000 (RunPod)"),
        ("answers taken in", len(late) - found.never_asked, ""),
        ("late, median (s)", at(0.5), ""),
        ("late, p95 (s)", at(0.95), "< 2"),
        ("late, worst (s)", at(1.0), "< 2"),
        ("due for 2 s and not asked, at the end", found.never_asked, "0"),
        ("worker, share of a core (%)", 100 * found.worker_cpu / found.seconds, "< 50"),
        (
            "worker, waiting for a core that others use (%)",
            100 * found.worker_waited / found.seconds,
            "0: a quiet machine",
        ),
        ("worker, most memory (MiB)", found.worker_memory / MEGABYTE, "< 200"),
    ]
    print(table(("F8", "measured", "to reach"), rows))


if __name__ == "__main__":
    main()
