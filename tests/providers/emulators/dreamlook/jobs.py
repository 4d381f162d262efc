"""One job at the emulated dreamlook: how far it is, and how dreamlook words that."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

RETENTION = 48 * 3600.0
"""Seconds that a checkpoint is kept after the run."""


@dataclass
class Job:
    """An order that was taken, at second *at*. *fails* is the reason why it will; *ends* whether it ever does."""

    id: str
    type: str
    request: dict[str, Any]
    account: str
    at: float
    queue_seconds: float
    work_seconds: float
    fails: object = None
    ends: bool = True
    rung: bool = False
    drawn: list[tuple[str, int]] = field(default_factory=list)
    """Image ids and seeds, in the order they are drawn."""

    @property
    def callback(self) -> str:
        return self.request.get("callback") or ""

    @property
    def training(self) -> dict[str, Any]:
        return self.request["dreambooth"] if self.type == "dreambooth_image_gen" else self.request

    @property
    def generations(self) -> list[dict[str, Any]]:
        return {"dreambooth": [], "image_gen": [self.request]}.get(self.type) or self.request.get("image_gen") or []

    @property
    def trains(self) -> bool:
        return self.type != "image_gen"

    @property
    def started(self) -> float:
        return self.at + self.queue_seconds

    @property
    def ended(self) -> float:
        return self.started + (self.work_seconds if self.ends else 1e12)

    def state(self, now: float) -> str:
        if now < self.started:
            return "queued"
        return "running" if now < self.ended else "success" if self.fails is None else "failure"

    def outcome(self, now: float) -> str:
        """The state as our own rows word it."""
        return self.state(now)

    def made(self) -> tuple[int, int]:
        """How many pictures and checkpoints there are when all went well."""
        return len(self.drawn), len(self.checkpoints(1, 1))

    def percent(self, now: float) -> int:
        done = (now - self.started) / max(self.work_seconds, 0.001)
        return min(max(int(100 * done), 0), 100 if now >= self.ended else 99)

    def checkpoints(self, lora_bytes: int, checkpoint_bytes: int) -> list[dict[str, Any]]:
        """What the training leaves, the LoRA of each step beside its checkpoint, in no order that tells them apart."""
        if not self.trains:
            return []
        steps = sorted({*(self.training.get("save_checkpoints_at") or []), self.training["steps"]})
        sizes = {"checkpoint": checkpoint_bytes, "lora": lora_bytes}
        kinds = (
            ["checkpoint"] if self.training.get("extract_lora", "original") == "disabled" else ["checkpoint", "lora"]
        )
        made = [_checkpoint(self, step, kind, sizes[kind]) for step in steps for kind in kinds]
        Random(self.id).shuffle(made)
        return made

    def times(self, now: float, skew: float = 0.0) -> dict[str, Any]:
        started, ended = (moment if now >= moment else None for moment in (self.started, self.ended))
        return {
            "state_updated": _written(max(moment for moment in (self.at, started, ended) if moment), skew),
            "state_running_start": _written(started, skew),
            "state_running_end": _written(ended, skew),
            "state_queued_start": _written(self.at, skew),
            "state_queued_end": _written(started, skew),
            "queued_duration": min(now - self.at, self.queue_seconds),
            "running_duration": min(now, ended or now) - started if started else None,
        }


def _checkpoint(job: Job, step: int, kind: str, size: int) -> dict[str, Any]:
    return {
        "checkpoint_id": f"ckp_{Random(f'{job.id}/{step}/{kind}').randbytes(4).hex()}",
        "is_extracted_lora": kind == "lora",
        "checkpoint_type": kind,
        "model_type": job.training.get("model_type") or "sd-v1",
        "training_step": step,
        "size_bytes": size,
        "file_format": "safetensors",
        "availability_mode": "standard",
    }


def _written(moment: float | None, skew: float = 0.0) -> str | None:
    """A time as dreamlook writes it: UTC, without saying so."""
    return None if moment is None else datetime.fromtimestamp(moment + skew, UTC).replace(tzinfo=None).isoformat()
