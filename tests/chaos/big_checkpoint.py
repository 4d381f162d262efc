"""One large checkpoint under fire: `python -m tests.chaos.big_checkpoint --megabytes 2000 --cuts 20 --kills 3`.

Fetches it from an emulated dreamlook that breaks off, lets its address run out once and meets a full disk once, while
the process that fetches is killed. Afterwards the file must have the very bytes, and no part of it may ever have been
to be seen. Then fetches another one undisturbed, to compare with curl. Prints a table.
"""

import argparse
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.browser.product import ROOT, free_port
from tests.providers.emulators.dreamlook.emulator import KEY
from tests.providers.emulators.files import content_of

MOST_TURNS = 200


@dataclass
class Result:
    """What it took."""

    bytes: int
    cuts: int = 0
    kills: int = 0
    full: int = 0
    expired: int = 0
    turns: int = 0
    most_memory: int = 0
    grown: int = 0
    seen_early: list[str] = field(default_factory=list)
    is_identical: bool = False
    undisturbed: float = 0.0
    curl: float = 0.0

    @property
    def is_well(self) -> bool:
        return self.is_identical and not self.seen_early and self.most_memory < 200 * 2**20

    def table(self) -> str:
        speed = self.bytes / 2**20
        facts = {
            "size": f"{speed:.0f} MB",
            "cut, killed, disk full, expired": f"{self.cuts}, {self.kills}, {self.full}, {self.expired}",
            "turns": self.turns,
            "byte for byte the same": self.is_identical,
            "seen before it was whole": len(self.seen_early),
            "most memory": f"{self.most_memory / 2**20:.0f} MB, {self.grown / 2**20:.0f} MB more than before",
            "undisturbed": f"{speed / self.undisturbed:.0f} MB/s, curl {speed / self.curl:.0f} MB/s",
        }
        return "\n".join(f"{name:>32}  {value}" for name, value in facts.items())


@contextmanager
def dreamlook(size: int) -> Iterator[str]:
    """An emulator in a process of its own, where checkpoints have *size* bytes; gives its address."""
    port = free_port()
    told = ["--port", str(port), "--checkpoint-bytes", str(size), "--queue", "0", "--training", "0"]
    command = [sys.executable, "-m", "tests.providers.emulators.dreamlook", *told]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def steer(url: str, word: str, told: dict[str, Any]) -> None:
    """Tell the emulator what to do."""
    body = json.dumps(told).encode()
    request = urllib.request.Request(f"{url}/emulator/{word}", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def set_up(url: str, folder: Path) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": str(folder),
        "PUBLIC_URL": "http://127.0.0.1",
    }
    os.environ |= {"PROVIDER_BASE_URLS": f"dreamlook={url}", "ALLOW_PRIVATE_PROVIDER_HOSTS": "1"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


class Fetcher:
    """A training whose checkpoint waits to be fetched, and processes that fetch it."""

    def __init__(self, folder: Path, number: int) -> None:
        from dashboard.models import User, Workspace
        from jobs.models import ApiKey
        from jobs.operations.api_keys import keys

        self.media = folder / "media"
        self.workspace, _ = Workspace.objects.get_or_create(name="Studio", slug="studio")
        user, _ = User.objects.get_or_create(email="mara@example.com")
        self.key = ApiKey.objects.filter(provider="dreamlook").first()
        self.key = self.key or keys.add(self.workspace, user, "dreamlook", "Studio", KEY)
        self.job = self._trained(number)

    def _trained(self, number: int) -> Any:
        from jobs.files import storage
        from jobs.models import Job
        from jobs.operations.jobs.order import JobDraft, create
        from jobs.operations.jobs.poll import poll_key
        from jobs.operations.jobs.submit import submit
        from jobs.providers.order import Kind
        from tests.jobs.factories import jpeg, make_photo, make_set

        photo_set = make_set(self.workspace)
        make_photo(photo_set, prepared=storage.put(self.workspace.pk, "prepared", jpeg().read(), ".jpg").name)
        trained = {"steps": 100, "learning_rate": 1e-6, "extract_lora": "disabled"}
        order = {"base_model": "stable-diffusion-v1-5", "model_type": "sd-v1", "token": "ukj", "class_word": "dog"}
        draft = JobDraft(Kind.TRAINING, "Rex", api_key=self.key, photo_set=photo_set, training=trained, **order)
        job = create(self.workspace, None, draft, f"nonce-{number}")
        submit(job.pk)
        self.make_due()
        poll_key(self.key.pk, "training")
        job = Job.objects.get(pk=job.pk)
        assert job.state == "success", job.failure
        return job

    def make_due(self) -> None:
        from jobs.models import Job, Lease
        from jobs.operations.clock import in_seconds

        Job.objects.exclude(next_action_at=None).update(next_action_at=in_seconds(-1))
        Lease.objects.all().delete()

    @property
    def row(self) -> Any:
        return self.job.checkpoints.get()

    def visible(self) -> list[str]:
        """Files where finished ones lie."""
        return [str(file) for file in self.media.glob("checkpoints/**/*") if file.is_file()]

    def grown(self) -> int:
        """Bytes that have arrived so far."""
        return max((part.stat().st_size for part in (self.media / ".incoming").glob("*.part")), default=0)

    def fork(self, full_at: int = 0) -> int:
        """A process that fetches once; its disk is full beyond *full_at* bytes."""
        from django.db import connections

        connections.close_all()
        pid = os.fork()
        if pid == 0:
            if full_at:
                _fill_up(full_at)
            from jobs.operations.results.fetch import fetch

            fetch(self.job.pk)
            os._exit(0)
        return pid


def _fill_up(at: int) -> None:
    from jobs.files import parts, storage

    write = storage.Sink.write

    def full(sink: storage.Sink, chunk: bytes) -> None:
        if sink.offset + len(chunk) > at:
            with parts.room_needed():
                raise OSError(errno.ENOSPC, "No space left on device")
        write(sink, chunk)

    storage.Sink.write = full


def torment(fetcher: Fetcher, url: str, result: Result, cuts: int, kills: int, random: Random) -> None:
    """Fetch until it is there, whatever happens on the way."""
    happenings = ["cut"] * cuts + ["kill"] * kills + ["full", "expired"]
    random.shuffle(happenings)
    step = result.bytes // (len(happenings) + 2)
    while fetcher.row.state == "waiting" and result.turns < MOST_TURNS:
        result.turns += 1
        _turn(fetcher, url, result, happenings.pop() if happenings else "", random.randint(step // 3, step))
        if fetcher.row.state == "waiting":
            result.seen_early += fetcher.visible()
        fetcher.make_due()


def _turn(fetcher: Fetcher, url: str, result: Result, happening: str, at: int) -> None:
    have = fetcher.grown()
    if happening == "cut":
        steer(url, "plan", {"door": "download", "faults": [{"name": "cut", "at": at}]})
        result.cuts += 1
    elif happening == "expired":
        steer(
            url, "plan", {"door": "download", "faults": [{"name": "expired", "status": 400}, {"name": "cut", "at": at}]}
        )
        result.expired += 1
    pid = fetcher.fork(have + at if happening == "full" else 0)
    result.full += happening == "full"
    if happening == "kill":
        result.kills += _kill_when(pid, lambda: fetcher.grown() > have + at // 2)
    _, _, used = os.wait4(pid, 0)
    result.most_memory = max(result.most_memory, used.ru_maxrss * 1024)


def _kill_when(pid: int, is_time: Any) -> int:
    while not is_time():
        time.sleep(0.002)
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return 0
    os.kill(pid, signal.SIGKILL)
    return 1


def run(megabytes: int, cuts: int, kills: int, seed: int, folder: Path) -> Result:
    """Do it in *folder*, which needs room for three such files."""
    result = Result(megabytes * 2**20)
    with dreamlook(result.bytes) as url:
        set_up(url, folder)
        fetcher = Fetcher(folder, 1)
        before = _memory_of_an_idle_child()
        torment(fetcher, url, result, cuts, kills, Random(seed))
        result.grown = result.most_memory - before
        result.is_identical = _is_identical(fetcher)
        shutil.rmtree(folder / "media" / "checkpoints", ignore_errors=True)
        _compare(Fetcher(folder, 2), folder, result)
    return result


def _memory_of_an_idle_child() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.wait4(pid, 0)[2].ru_maxrss * 1024


def _is_identical(fetcher: Fetcher) -> bool:
    from jobs.files import storage

    row = fetcher.row
    made = content_of(urlsplit(row.artifact["url"]).path)
    if row.state != "kept" or made is None:
        return False
    with storage.open(row.file) as ours:
        return all(ours.read(len(chunk)) == chunk for chunk in made.chunks()) and not ours.read(1)


def _compare(fetcher: Fetcher, folder: Path, result: Result) -> None:
    began = time.monotonic()
    os.wait4(fetcher.fork(), 0)
    result.undisturbed = time.monotonic() - began
    assert fetcher.row.state == "kept"
    began = time.monotonic()
    subprocess.run(["curl", "-sS", "-o", str(folder / "curled"), fetcher.row.artifact["url"]], check=True)
    result.curl = time.monotonic() - began
    (folder / "curled").unlink()


def main() -> int:
    """The command line; prints the table and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.big_checkpoint", description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="likeness-big-") as folder:
        result = run(chosen.megabytes, chosen.cuts, chosen.kills, chosen.seed, Path(folder))
    print(result.table())
    return not result.is_well


if __name__ == "__main__":
    sys.exit(main())
