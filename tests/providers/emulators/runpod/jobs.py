"""One job at the emulated RunPod: how far it is, and when it is forgotten."""

from dataclasses import dataclass, field
from typing import Any

RETENTION = 30 * 60.0
"""Seconds that a job can be asked after when it has ended."""
LIMIT = 10 * 60.0
"""Seconds that a job may run when nobody says otherwise; longer ones are ended."""
LIFE = 24 * 3600.0
"""Seconds after its order that a job is forgotten, whatever it does, when nobody says otherwise."""
NEVER = 1e12


@dataclass
class Job:
    """An order that was taken, at second *at*. *error* says why it will fail; *ends* whether it ever does.

    *steps* is what the training of the UNet comes to, once the photos were counted.
    """

    id: str
    endpoint: str
    request: dict[str, Any]
    account: str
    at: float
    queue_seconds: float
    work_seconds: float
    error: object = None
    ends: bool = True
    cancelled: float | None = None
    needs_photos: bool = False
    steps: int | None = None
    tries: int = 0
    """How often it was rung for."""
    ring_at: float | None = 0.0
    """When to ring next, once it has ended; None: not any more."""
    seeds: list[list[int]] = field(default_factory=list)
    """Of the pictures, prompt by prompt."""

    @property
    def webhook(self) -> str:
        return str(self.request.get("webhook") or "")

    @property
    def prompts(self) -> list[dict[str, Any]]:
        found = self.request["input"].get("inference")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def started(self) -> float:
        return self.at + self.queue_seconds

    @property
    def ended(self) -> float:
        if self.cancelled is not None:
            return self.cancelled
        if self.needs_photos or not self.ends:
            return NEVER
        return self.started + min(self.work_seconds, self.limit)

    @property
    def limit(self) -> float:
        return float(self._policy("executionTimeout", LIMIT * 1000)) / 1000

    @property
    def forgotten(self) -> float:
        return min(self.ended + RETENTION, self.at + float(self._policy("ttl", LIFE * 1000)) / 1000)

    def _policy(self, name: str, otherwise: float) -> float:
        found: float = (self.request.get("policy") or {}).get(name, otherwise)
        return found

    def status(self, now: float) -> str:
        if self.cancelled is not None:
            return "CANCELLED"
        if now < self.started:
            return "IN_QUEUE"
        if now < self.ended:
            return "IN_PROGRESS"
        if self.work_seconds > self.limit:
            return "TIMED_OUT"
        return "COMPLETED" if self.error is None else "FAILED"

    def outcome(self, now: float) -> str:
        """The status as our own rows word it."""
        words = {"COMPLETED": "success", "IN_QUEUE": "queued", "IN_PROGRESS": "running", "CANCELLED": "cancelled"}
        return words.get(self.status(now), "failure")

    def made(self) -> tuple[int, int]:
        """How many pictures and checkpoints there are when all went well."""
        return sum(map(len, self.seeds)), int("s3Config" in self.request)

    def times(self, now: float) -> dict[str, int]:
        """Milliseconds: how long it waited, and how long it ran."""
        told = {"delayTime": int(1000 * (min(now, self.started) - self.at))}
        return told | ({"executionTime": int(1000 * (self.ended - self.started))} if now >= self.ended else {})
