"""One job of the practice service, as it stands in the store. Written once, and once more when it is cancelled."""

import re
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.providers.order import Kind

ID_PREFIX = {Kind.TRAINING: "pt_", Kind.GENERATION: "pg_", Kind.TRAIN_AND_GENERATE: "pb_"}
_ID = re.compile(r"p[tgb]_[0-9a-f]{16}")


def new_job_id(kind: Kind) -> str:
    return ID_PREFIX[kind] + secrets.token_hex(8)


def is_job_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def job_key(job_id: str) -> str:
    """Where the store keeps the job."""
    return f"job/{job_id}"


def photos_key(job_id: str) -> str:
    """Where the store keeps the photos of the training *job_id*."""
    return f"photos/{job_id}"


@dataclass(frozen=True)
class Document:
    """What was ordered and when; *at* and *cancelled_at* are seconds since 1970.

    *queue_seconds* come first, then *training_seconds*, then *image_seconds* for each picture. *photos_of* names the
    training whose photos the pictures show ("": none), *readiness* is how well the model of a generation knows them,
    0 to 1.
    """

    id: str
    kind: Kind
    at: float
    queue_seconds: float
    training_seconds: float
    image_seconds: float
    outcome: str = "works"
    base_model: str = ""
    model_type: str = ""
    checkpoint_id: str = ""
    photos_of: str = ""
    photo_count: int = 0
    readiness: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)
    generations: list[dict[str, Any]] = field(default_factory=list)
    dry_run: bool = False
    callback_url: str = ""
    name: str = ""
    cancelled_at: float | None = None

    def body(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Document":
        return cls(**{**body, "kind": Kind(body["kind"])})

    @property
    def steps(self) -> int:
        return int(self.training.get("steps") or 0)

    @property
    def checkpoint_steps(self) -> list[int]:
        """The steps at which a checkpoint is kept, the last included."""
        asked = self.training.get("save_checkpoints_at") or []
        return sorted({step for step in asked if 0 < step < self.steps} | {self.steps})

    @property
    def checkpoint_names(self) -> list[str]:
        """What follows the job's id in the ids of its checkpoints: `step-800`, and `lora-800` for the LoRA."""
        kinds = ("step", "lora") if self.training.get("extract_lora") == "original" else ("step",)
        return [f"{kind}-{step}" for step in self.checkpoint_steps for kind in kinds] if self.kind.trains else []

    @property
    def sample_steps(self) -> list[int]:
        """The steps at which a picture is drawn to show how the training goes."""
        return sorted({self.steps * quarter // 4 for quarter in (1, 2, 3, 4)} - {0})

    def readiness_at(self, step: int) -> float:
        """How well the model knows its photos after *step* steps: about 60 looks at each photo suffice."""
        return min(1.0, step / (60 * max(1, self.photo_count)))
