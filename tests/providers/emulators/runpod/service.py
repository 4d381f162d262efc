"""The emulated RunPod without its network: accounts, endpoints, jobs, a bucket, and one charge for each order."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Any
from uuid import UUID

from tests.providers.emulators.clock import Clock
from tests.providers.emulators.faults import Faults
from tests.providers.emulators.files import Files
from tests.providers.emulators.runpod import limits
from tests.providers.emulators.runpod.jobs import NEVER, Job
from tests.providers.emulators.runpod.output import made, packed_error, seeds
from tests.providers.emulators.runpod.worker import refusal

ENDPOINT = "dream-booth-v1"
TRIES = 3
BETWEEN_TRIES = 10.0
_BUSY = {"IN_QUEUE": "inQueue", "IN_PROGRESS": "inProgress", "COMPLETED": "completed"}


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds of the emulator's clock, and how large checkpoints are, in bytes."""

    queue: float = 1.0
    training: float = 3.0
    image: float = 0.2
    checkpoint_bytes: int = 400_000


@dataclass(frozen=True)
class Bucket:
    """A team's own bucket, and what opens it."""

    name: str = "studio-models"
    access_id: str = "AKIDEMULATOR"
    secret: str = "bucket-secret-of-the-emulator"


@dataclass(frozen=True)
class Charge:
    """An order that was taken."""

    job_id: str
    endpoint: str
    account: str
    at: float
    request: dict[str, Any]

    @property
    def callback(self) -> str:
        """Where to ring when it is done."""
        return str(self.request.get("webhook") or "")


class Service:
    """All of RunPod's memory. Every method may be called by any thread."""

    def __init__(self, clock: Clock, faults: Faults, files: Files, pace: Pace, seed: int) -> None:
        self.clock, self.faults, self.files, self.pace = clock, faults, files, pace
        self.accounts: set[str] = set()
        self.endpoints = {ENDPOINT}
        self.buckets = {Bucket().name: Bucket()}
        self.workers = 1
        """With none, jobs only wait."""
        self.old_worker = False
        self.opens_archives = False
        self.status_limit, self.cancel_limit = limits.Limit(limits.STATUS), limits.Limit(limits.CANCEL)
        self.ledger: list[Charge] = []
        self.jobs: dict[str, Job] = {}
        self._unrung: list[Job] = []
        self._unopened: list[Job] = []
        self._random = Random(f"{seed}/ids")
        self._lock = Lock()

    def open_account(self, key: str, tokens: int = 0) -> None:
        """*tokens* mean nothing here."""
        self.accounts.add(key)

    def told(self) -> dict[str, Any]:
        known = {"accounts": sorted(self.accounts), "endpoints": sorted(self.endpoints), "workers": self.workers}
        return known | {"questions": self.status_limit.total, "most_in_ten_seconds": self.status_limit.most}

    def take(self, account: str, endpoint: str, body: dict[str, Any]) -> Job:
        """Take the order, charge for it, and begin. What the worker will not do fails as soon as it begins."""
        fault = self.faults.take("life")
        with self._lock:
            job = self._new_job(account, endpoint, body)
            if fault is not None and job.error is None:
                job.error = fault.body if fault.name == "failure" else None
                job.ends = fault.name != "never_ends"
                job.work_seconds = job.limit + 1 if fault.name == "times_out" else job.work_seconds
            self.jobs[job.id] = job
            self._unrung += [job] if job.webhook else []
            self._unopened += [job] if job.needs_photos else []
            self.ledger.append(Charge(job.id, endpoint, account, job.at, body))
        return job

    def _new_job(self, account: str, endpoint: str, body: dict[str, Any]) -> Job:
        id_ = f"{UUID(bytes=self._random.randbytes(16), version=4)}-u1"
        job = Job(id_, endpoint, body, account, self.clock.now(), self.pace.queue if self.workers else NEVER, 0.2)
        job.error = refusal(body, old_worker=self.old_worker) or self._bucket_error(body)
        if job.error is None:
            job.needs_photos = self.opens_archives
            job.seeds = [seeds(one, Random(f"{id_}/{number}")) for number, one in enumerate(job.prompts)]
            job.work_seconds = self.pace.training + self.pace.image * sum(map(len, job.seeds))
        return job

    def _bucket_error(self, body: dict[str, Any]) -> str | None:
        """What the worker says when the bucket does not open, as the platform packs an exception."""
        told = body.get("s3Config")
        bucket = self.buckets.get(told["bucketName"]) if told else None
        if told is None or (bucket and (told["accessId"], told["accessSecret"]) == (bucket.access_id, bucket.secret)):
            return None
        said = "An error occurred (SignatureDoesNotMatch) when calling the PutObject operation: no"
        return packed_error("<class 'botocore.exceptions.ClientError'>", said)

    def hire(self, workers: int) -> None:
        """So many workers from now on; what waited for one begins its turn."""
        self.workers = workers
        for job in list(self.jobs.values()):
            if workers and job.queue_seconds == NEVER:
                job.queue_seconds = self.clock.now() - job.at + self.pace.queue

    def find(self, endpoint: str, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        return job if job is not None and job.endpoint == endpoint and self.clock.now() < job.forgotten else None

    def cancel(self, job: Job) -> None:
        """What has ended stays as it ended. Nobody is rung for what was cancelled."""
        now = self.clock.now()
        if now < job.ended:
            job.cancelled, job.ring_at = now, None

    def health(self, endpoint: str) -> dict[str, Any]:
        now, counts = self.clock.now(), dict.fromkeys(("completed", "failed", "inProgress", "inQueue", "retried"), 0)
        for job in list(self.jobs.values()):
            if job.endpoint == endpoint and job.cancelled is None:
                counts[_BUSY.get(job.status(now), "failed")] += 1
        running = min(counts["inProgress"], self.workers)
        return {"jobs": counts, "workers": {"idle": self.workers - running, "running": running}}

    def to_ring(self) -> Iterator[Job]:
        """Jobs whose turn it is to be rung for; each is given once, and again when `rang` says that nobody heard."""
        now = self.clock.now()
        with self._lock:
            self._unrung = [job for job in self._unrung if job.ring_at is not None]
            due = [job for job in self._unrung if now >= max(job.ended, job.ring_at or 0.0)]
            for job in due:
                job.ring_at, job.tries = NEVER, job.tries + 1
        yield from due

    def rang(self, job: Job, *, heard: bool) -> None:
        """RunPod tries twice more, ten seconds apart."""
        job.ring_at = None if heard or job.tries >= TRIES else self.clock.now() + BETWEEN_TRIES

    def to_open(self) -> Iterator[Job]:
        """Jobs that begin now and have not fetched their photos; each is given once."""
        now = self.clock.now()
        with self._lock:
            due = [job for job in self._unopened if now >= job.started]
            self._unopened = [job for job in self._unopened if now < job.started]
        yield from due

    def described(self, job: Job, base_url: str, now: float | None = None) -> dict[str, Any]:
        """The job object. It repeats the input, tokens and all."""
        now = self.clock.now() if now is None else now
        status = job.status(now)
        told = {"id": job.id, "status": status, **job.times(now), "input": job.request["input"]}
        if status not in {"IN_QUEUE", "CANCELLED"}:
            told["workerId"] = f"w{job.id[:8]}"
        if status == "COMPLETED":
            told["output"] = made(job, self.files, base_url, self.pace.checkpoint_bytes)
        return told | ({"error": job.error} if status == "FAILED" else {})

    def end(self, job: Job, error: object = None) -> None:
        """Let *job* end here and now."""
        job.error, job.queue_seconds, job.work_seconds = error, 0, 0
        job.at, job.needs_photos, job.ends = self.clock.now(), False, True
