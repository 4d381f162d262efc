"""What every provider is, and the values that travel to and from it.

An adapter translates: `Order` to a request, a reply to a `Snapshot`. It keeps no state and knows no database.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.params import Choice, Param, Preset, Values


class Kind(StrEnum):
    """What a job does."""

    TRAINING = "training"
    GENERATION = "generation"
    TRAIN_AND_GENERATE = "train_and_generate"

    @property
    def trains(self) -> bool:
        return self is not Kind.GENERATION

    @property
    def generates(self) -> bool:
        return self is not Kind.TRAINING


class Capability(StrEnum):
    """What a provider can do."""

    TRAIN = "train"
    GENERATE = "generate"
    TRAIN_AND_GENERATE = "train_and_generate"
    DRY_RUN = "dry_run"
    CANCEL = "cancel"
    LIST = "list"
    CALLBACK = "callback"
    NEEDS_KEY = "needs_key"
    NEEDS_PUBLIC_PHOTOS = "needs_public_photos"


class State(StrEnum):
    """A job's state in the provider's own eyes, folded to one vocabulary. UNKNOWN keeps what we had."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class BaseModel:
    """A model to start from. *type* is the family whose fields apply (`sd-v1`, `sdxl-v1`); *size* its picture edge."""

    id: str
    label: str
    type: str
    size: int = 512
    hint: str = ""


@dataclass(frozen=True)
class OrderPhoto:
    """One photo as the provider gets it: upright, without metadata.

    *name* is unique in the order and stable; *url* is where the provider can fetch it (empty where it can't);
    *read* returns the JPEG's bytes.
    """

    name: str
    caption: str
    url: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Order:
    """All that a provider needs to know of one job.

    *training* and *generations* hold `Param` values by name (one mapping per prompt); *checkpoint_id* is the
    provider's own id of the checkpoint to generate with or train on, and excludes *base_model*.
    *token* and *class_word* name the subject ("ukj", "person"). *callback_url* carries the attempt's token and is how a
    lost attempt is found again. *captions_url* is where the provider can fetch `Provider.captions_file`.
    """

    kind: Kind
    base_model: str = ""
    model_type: str = ""
    checkpoint_id: str = ""
    photos: tuple[OrderPhoto, ...] = ()
    training: Values = field(default_factory=dict)
    generations: tuple[Values, ...] = ()
    token: str = ""
    class_word: str = ""
    dry_run: bool = False
    callback_url: str = ""
    captions_url: str = ""
    name: str = ""


@dataclass(frozen=True)
class Receipt:
    """The provider's word that it took the order. A *tracked* job can be asked after; a dry run's often can't."""

    provider_job_id: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    tracked: bool = True


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
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """What a job will take: *seconds* as least and most, *cost* in whole cents of *currency* (None: unknown)."""

    seconds: tuple[int, int]
    cost_cents: int | None = None
    currency: str = "EUR"


@dataclass(frozen=True)
class KeyReport:
    """What a test of a key found, in one sentence."""

    ok: bool
    sentence: str


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


class Provider(ABC):
    """One service that trains or generates. Instances are shared between threads and live as long as the process.

    Every method that talks to the service raises only `jobs.providers.errors`.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    is_practice: ClassVar[bool] = False
    capabilities: ClassVar[frozenset[Capability]]
    base_models: ClassVar[tuple[BaseModel, ...]]
    presets: ClassVar[tuple[Preset, ...]] = ()
    key_help: ClassVar[str] = ""
    """One sentence: where a person finds the key."""
    leaves_building: ClassVar[str] = ""
    """One sentence: what is sent, and to whom."""
    prompts_leave: ClassVar[str] = ""
    """The same for an order without photos; empty where it is the same."""
    price_list: ClassVar[str] = ""
    """Where the service tells its prices, when they do not follow from an order."""
    longest_call: float = 90.0
    """Seconds after which any call to the service has certainly ended, one way or the other."""
    keeps_for: ClassVar[timedelta | None] = None
    """How long a checkpoint stays there after the run, unless its artifact says otherwise; None: it is not deleted."""
    poll_seconds: ClassVar[tuple[float, float]] = (5.0, 60.0)
    """Least and most seconds between two questions about a job."""
    list_length: ClassVar[int] = 50
    """How many jobs `list_latest` shows at most."""
    model_types: ClassVar[tuple[Choice, ...]] = ()
    """The families of a base model that is typed freely; empty where only the listed ones are taken."""
    prompts_in_generation: ClassVar[int] = 50
    """How many prompts one generation takes; more are as many orders."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def close(self) -> None:
        """Let go of connections; the instance is of no use afterwards."""
        return

    def can(self, capability: Capability) -> bool:
        return capability in self.capabilities

    def base_model(self, id_: str) -> BaseModel | None:
        """The base model called *id_*; a freely typed one, its family guessed, where the provider takes those."""
        return next((model for model in self.base_models if model.id == id_), None)

    def key_params(self) -> tuple[Param, ...]:
        """What must be told along with a key, such as an endpoint's id: `Credentials.options` by name."""
        return ()

    @abstractmethod
    def training_params(self) -> tuple[Param, ...]:
        """The fields of a training, simple ones first."""

    @abstractmethod
    def generation_params(self) -> tuple[Param, ...]:
        """The fields of one generation, `prompt` first."""

    @abstractmethod
    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """How long *order* will take and what it will cost, without asking anybody."""

    def expected_images(self, order: Order) -> int:
        """How many pictures *order* makes when nothing goes missing; those drawn during training don't count."""
        return sum(int(str(values.get("num_samples") or 1)) for values in order.generations)

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        """A sentence for each field of *order* that the provider certainly will not take, by name, without asking it.

        Photos don't count yet. `submit` refuses the same.
        """
        return {}

    def captions_file(self, photos: Sequence[OrderPhoto]) -> bytes:
        """The captions of *photos* as the provider reads them, to be served at `Order.captions_url`.

        Empty where there are none, or the provider takes none.
        """
        return b""

    def called_id(self, body: Mapping[str, Any]) -> str:
        """The provider's own id of the job that a callback's *body* is about; empty where it names none."""
        return ""

    def as_command(self, order: Order) -> str:
        """*order* as a command for a terminal, without any secret in it; empty where there is none."""
        return ""

    @abstractmethod
    def test_key(self, credentials: Credentials) -> KeyReport:
        """Try the key by a call that costs nothing."""

    @abstractmethod
    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        """Send *order*, once. Raises `Unsent`, `Refused` or `Uncertain`."""

    @abstractmethod
    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        """Ask after one job. Raises `Unavailable` or `Refused` (`NotThere` when it is gone)."""

    @abstractmethod
    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        """The newest jobs, newest first, as many as the provider shows. Raises `Unavailable` or `Refused`."""

    @abstractmethod
    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        """Ask the provider to stop; what `read` says next counts. Raises `Unavailable` or `Refused`."""

    @abstractmethod
    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Open a result from byte *offset* on; *validator* is the `Download`'s that is continued.

        Raises `Unavailable`, `Refused` or `NotThere` (expired), the first two also while the chunks are read.
        """
