"""What comes back from a provider: its word on an order, a key or a job, and results on their way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Receipt:
    """The provider's word that it took the order."""

    provider_job_id: str
    raw: Mapping[str, Any] = field(default_factory=dict)


class State(StrEnum):
    """A job's state in the provider's own eyes, folded to one vocabulary. UNKNOWN keeps what we had."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ArtifactKind(StrEnum):
    IMAGE = "image"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Artifact:
    """One result to fetch: an image or a checkpoint.

    *id* is the provider's and unique in the job. *url* is only ever handed back to the same provider's `download`.
    *size* is in bytes (None: unknown), *step* the training step it was taken at, *prompt_index* which of the
    order's generations made it, *checkpoint_id* the checkpoint it was made with. *is_sample* marks a picture drawn
    during training. *expires_at* is when the provider deletes it.
    """

    id: str
    kind: ArtifactKind
    url: str
    size: int | None = None
    step: int | None = None
    seed: int | None = None
    prompt_index: int = 0
    checkpoint_id: str = ""
    is_lora: bool = False
    is_sample: bool = False
    model_type: str = ""
    file_format: str = ""
    available: bool = True
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the provider says of one job at one moment. *raw* is its reply, redacted.

    *percent* is 0 to 100 or None; *queue_position* 1 is next; *callback_url* is ours, as the provider repeats it.
    Where it does not say whether the order had one (*tells_callback*), the job may be anybody's, ours included.
    *is_guess* marks a *state* that follows from other things in the reply, because nobody knows the word *raw_state*.
    """

    provider_job_id: str
    state: State
    raw_state: str = ""
    percent: int | None = None
    queue_position: int | None = None
    failure: str = ""
    artifacts: tuple[Artifact, ...] = ()
    callback_url: str = ""
    tells_callback: bool = True
    is_guess: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyReport:
    """What a test of a key found, in one sentence; *about* names the one of `Provider.key_params` that is to blame, if
    it is not the key itself."""

    ok: bool
    sentence: str
    about: str = ""


@dataclass(frozen=True)
class Download:
    """A result on its way: *chunks* yields its bytes from *offset* on; *total* is the whole size when known.

    *offset* may be 0 although more was asked for: then the file starts anew. *validator* goes back to the provider
    when the download is continued, to make sure that it is still the same file.
    """

    chunks: Iterator[bytes]
    offset: int = 0
    total: int | None = None
    validator: str = ""
