"""The emulated dreamlook without its network: accounts, orders, jobs, and one charge for each order it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from threading import Lock
from typing import Any

from tests.providers.emulators.clock import Clock
from tests.providers.emulators.dreamlook.admission import cost
from tests.providers.emulators.dreamlook.jobs import RETENTION, Job
from tests.providers.emulators.faults import Faults
from tests.providers.emulators.files import Files

LISTED = 50
_PREFIX = {"dreambooth": "db", "image_gen": "ig", "dreambooth_image_gen": "dbig"}
_IMAGE_LIFE = 3600
_CHECKPOINT_LIFE = 48 * 3600


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds of the emulator's clock, and how large checkpoints are, in bytes."""

    queue: float = 1.0
    training: float = 3.0
    image: float = 0.2
    checkpoint_bytes: int = 400_000
    lora_bytes: int = 60_000


@dataclass(frozen=True)
class Charge:
    """An order that was taken, and what it cost."""

    job_id: str
    job_type: str
    account: str
    tokens: int
    at: float
    request: dict[str, Any]

    @property
    def callback(self) -> str:
        """Where to ring when it is done."""
        return str(self.request.get("callback") or self.request.get("dreambooth", {}).get("callback") or "")


class Service:
    """All of dreamlook's memory. Every method may be called by any thread."""

    def __init__(self, clock: Clock, faults: Faults, files: Files, pace: Pace, seed: int) -> None:
        self.clock, self.faults, self.files, self.pace = clock, faults, files, pace
        self.tokens: dict[str, int] = {}
        self.ledger: list[Charge] = []
        self.jobs: dict[str, Job] = {}
        self._random = Random(f"{seed}/ids")
        self._lock = Lock()

    def open_account(self, key: str, tokens: int = 1_000_000) -> None:
        self.tokens[key] = tokens

    def told(self) -> dict[str, Any]:
        return {"tokens": self.tokens}

    def can_pay(self, account: str, job_type: str, body: dict[str, Any]) -> bool:
        return self.tokens[account] >= cost(job_type, body)

    def rehearse(self, job_type: str, body: dict[str, Any]) -> Job:
        """A dry run: over at once, with made-up results, and nobody can ask after it."""
        with self._lock:
            job = self._new_job("", job_type, body)
        return replace(job, id=f"TEST_{job.id.rpartition('_')[2]}", at=job.at - 1, queue_seconds=0, work_seconds=0)

    def take(self, account: str, job_type: str, body: dict[str, Any]) -> Job:
        """Take the order, charge for it, and begin."""
        fault = self.faults.take("life")
        with self._lock:
            job = self._new_job(account, job_type, body)
            if fault is not None:
                job.fails = fault.body if fault.name == "failure" else None
                job.ends = fault.name != "never_ends"
            self.jobs[job.id] = job
            tokens = cost(job_type, body)
            self.tokens[account] -= tokens
            self.ledger.append(Charge(job.id, job_type, account, tokens, job.at, body))
        return job

    def _new_job(self, account: str, job_type: str, body: dict[str, Any]) -> Job:
        id_ = f"{_PREFIX[job_type]}_{self._random.randbytes(4).hex()}"
        job = Job(id_, job_type, body, account, self.clock.now(), self.pace.queue, 0)
        chance = Random(f"{id_}/images")
        for one in job.generations:
            job.drawn += [(chance.randbytes(4).hex(), chance.randrange(2**32)) for _ in range(one["num_samples"])]
        job.work_seconds = (self.pace.training if job.trains else 0) + self.pace.image * len(job.drawn)
        return job

    def find(self, account: str, job_type: str, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        return job if job is not None and (job.account, job.type) == (account, job_type) else None

    def latest(self, account: str, job_type: str, until: float) -> list[Job]:
        """The newest fifty jobs that were there at second *until*, newest first."""
        with self._lock:
            jobs = [
                job for job in self.jobs.values() if (job.account, job.type) == (account, job_type) and job.at <= until
            ]
        return jobs[::-1][:LISTED]

    def ended_unrung(self) -> Iterator[Job]:
        """Jobs that have ended since the last time this was asked; each is given once."""
        now = self.clock.now()
        with self._lock:
            ended = [job for job in self.jobs.values() if not job.rung and now >= job.ended]
            for job in ended:
                job.rung = True
        yield from ended

    def described(self, job: Job, base_url: str, now: float | None = None, skew: float = 0.0) -> dict[str, Any]:
        """The job object, as the sample files show it. *now* may lie in the past."""
        now = self.clock.now() if now is None else now
        state = job.state(now)
        done = state == "success"
        return {
            "job_type": job.type.replace("_gen", "-gen") if job.type == "image_gen" else job.type,
            "job_id": job.id,
            "state": state,
            **job.times(now, skew),
            "queueing_state": "default",
            "config": self._config(job),
            "dreambooth_result": self._trained(job, base_url) if done and job.trains else None,
            "image_gen_results": self._drawn(job, base_url) if done and job.generations else None,
            "percentage_done": job.percent(now),
            "failure_reason": job.fails if state == "failure" else None,
            "failure_reason_data": None,
            "thumbnails": None,
            "tags": job.request.get("tags") or [],
        }

    def _config(self, job: Job) -> dict[str, Any]:
        """The request as understood, the callback included; photos lie in dreamlook's own bucket by now."""
        config = {"callback": None, **{name: value for name, value in job.request.items() if name != "dry_run"}}
        if job.type == "dreambooth":
            config["image_urls"] = [f"gs://emulated/{job.id}/{url.rpartition('/')[2]}" for url in config["image_urls"]]
        return config

    def _trained(self, job: Job, base_url: str) -> dict[str, Any]:
        kept = self.clock.now() < job.ended + RETENTION
        made = [
            {
                **one,
                "url": self._model(base_url, job, one) if kept else None,
                "is_available": kept,
            }
            for one in job.checkpoints(self.pace.lora_bytes, self.pace.checkpoint_bytes)
        ]
        return {"checkpoints": made, "sanitized_images": []}

    def _model(self, base_url: str, job: Job, made: dict[str, Any]) -> str:
        name = f"{made['checkpoint_id']}.safetensors"
        return self.files.checkpoint(base_url, job.ended, name, made["size_bytes"], _CHECKPOINT_LIFE)

    def _drawn(self, job: Job, base_url: str) -> list[dict[str, Any]]:
        """Groups by prompt; addresses of images are signed afresh each time and live an hour."""
        drawn, now = iter(job.drawn), self.clock.now()
        used = job.request.get("checkpoint_id") or f"ckp_of_{job.id}"
        groups = []
        for index, one in enumerate(job.generations):
            size, images = (one["width"], one["height"]), []
            for turn in range(one["num_samples"]):
                id_, seed = next(drawn)
                url = self.files.image(base_url, now, id_, size, _IMAGE_LIFE)
                images.append({"generated_image_id": id_, "url": url, "seed": seed, "generation_idx": 2 * turn})
            groups.append({"checkpoint_id": used, "config_idx": index, "generated_images": images})
        return groups
