"""What every provider is.

An adapter translates: `Order` to a request, a reply to a `Snapshot`. It keeps no state and knows no database.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from math import prod
from typing import Any, ClassVar

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.errors import Refused
from jobs.providers.kit.refusals import REFUSALS
from jobs.providers.kit.replies import is_job_id
from jobs.providers.order import BaseModel, Estimate, Kind, Order, OrderPhoto, Study
from jobs.providers.params import Choice, Param, Preset, Values
from jobs.providers.reply import Artifact, Download, KeyReport, Receipt, Snapshot


class Capability(StrEnum):
    """What a provider can do."""

    TRAIN = "train"
    TRAIN_FURTHER = "train_further"
    GENERATE = "generate"
    TRAIN_AND_GENERATE = "train_and_generate"
    DRY_RUN = "dry_run"
    CANCEL = "cancel"
    FORGET_PHOTOS = "forget_photos"
    LIST = "list"
    CALLBACK = "callback"
    NEEDS_KEY = "needs_key"
    NEEDS_PUBLIC_PHOTOS = "needs_public_photos"
    NEEDS_PHOTO_ARCHIVE = "needs_photo_archive"


class Provider(ABC):
    """One service that trains or generates. Instances are shared between threads and live as long as the process.

    Every method that talks to the service raises only `jobs.providers.errors`.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    is_practice: ClassVar[bool] = False
    costs_nothing: ClassVar[bool] = False
    """Whether no order is ever charged, so that sending one again does no harm."""
    in_process: ClassVar[bool] = False
    """Whether its calls never leave our process and use its database, whose connection belongs to the calling thread.
    """
    capabilities: ClassVar[frozenset[Capability]]
    base_models: ClassVar[tuple[BaseModel, ...]]
    training_params: ClassVar[tuple[Param, ...]] = ()
    """The fields of a training, simple ones first."""
    generation_params: ClassVar[tuple[Param, ...]] = ()
    """The fields of one generation, `prompt` first."""
    presets: ClassVar[tuple[Preset, ...]] = ()
    key_params: ClassVar[tuple[Param, ...]] = ()
    """What is told along with a key, such as an endpoint's id: `Credentials.options` by name, and what is of
    `Type.SECRET` in `Credentials.secrets`."""
    key_help: ClassVar[str] = ""
    """One sentence: where a person finds the key."""
    secret_shapes: ClassVar[tuple[str, ...]] = ()
    """What the service's keys look like, as regular expressions, for redaction: they may begin anywhere in a text."""
    refusals: ClassVar[Mapping[int, type[Refused]]] = REFUSALS
    """What each HTTP status means that proves that nothing was accepted: by the service's contract, which is named
    beside each one that differs. After any other, an order is `Uncertain` and a question `Unavailable`."""
    callback_job_id: ClassVar[str] = ""
    """Where a callback's body has the job's id; empty where there are no callbacks."""
    leaves_building: ClassVar[str] = ""
    """One sentence: what is sent, and to whom."""
    prompts_leave: ClassVar[str] = ""
    """The same for an order without photos; empty where it is the same."""
    credit: ClassVar[str] = "credit"
    """What an account there is topped up with."""
    length_params: ClassVar[tuple[str, ...]] = ("steps",)
    """Which of `training_params` say how long a training studies; the first that is set counts."""
    prompt_help: ClassVar[str] = ""
    """What to know before writing a prompt for it, in a sentence."""
    price_list: ClassVar[str] = ""
    """Where the service tells its prices, when they do not follow from an order."""
    longest_call: float = 90.0
    """Seconds after which any call to the service has certainly ended, one way or the other."""
    keeps_for: ClassVar[timedelta | None] = None
    """How long a checkpoint stays there after the run, unless its artifact says otherwise; None: it is not deleted."""
    forgets_after: ClassVar[timedelta | None] = None
    """How long after its end a job can be asked after, and its results be learnt of; None: as long as they are kept."""
    poll_seconds: ClassVar[tuple[float, float]] = (5.0, 60.0)
    """Least and most seconds between two questions about a job."""
    list_length: ClassVar[int] = 50
    """How many jobs `list_latest` shows at most."""
    model_types: ClassVar[tuple[Choice, ...]] = ()
    """The families of a base model that is typed freely; empty where only the listed ones are taken."""
    typed_model_help: ClassVar[str] = ""
    """How a base model is typed that is not listed."""
    prompts_in_generation: ClassVar[int] = 50
    """How many prompts one generation takes; more are as many orders."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def close(self) -> None:
        """Let go of connections; the instance is of no use afterwards."""
        return

    def can(self, capability: Capability) -> bool:
        return capability in self.capabilities

    def can_be_asked_after(self, provider_job_id: str) -> bool:
        """Whether the service tells how the job with this id is; of a dry run's it often knows nothing."""
        return True

    @property
    def key_host(self) -> str:
        """The one host that a key is ever sent to; empty where none is."""
        return ""

    def page(self, kind: Kind) -> str:
        """Where a person sees the account's jobs of this *kind*, signed in there; empty where there is no such page."""
        return ""

    def base_model(self, id_: str) -> BaseModel | None:
        """The base model called *id_*; a freely typed one, its family guessed, where the provider takes those."""
        listed = next((model for model in self.base_models if model.id == id_), None)
        return listed or (self.typed_model(id_.strip()) if id_.strip() else None)

    def typed_model(self, id_: str) -> BaseModel | None:
        """A base model that is not listed, where the provider takes those."""
        return None

    def wrong_key_options(self, options: Mapping[str, str], secret_names: Collection[str]) -> Mapping[str, str]:
        """A sentence for each of `key_params` that does not go with the others, by name; of secrets only the names are
        told, of those that are there."""
        return {}

    def key_notice(self, options: Mapping[str, str]) -> str:
        """What somebody should know of a key with these options, in a sentence: what is not done with it that one may
        expect."""
        return ""

    @abstractmethod
    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """How long *order* will take and what it will cost, without asking anybody."""

    def study(self, order: Order, photo_count: int) -> Study | None:
        """How long the training of *order* studies so many photos; None where it does not train or say."""
        steps = order.training.get("steps")
        return Study(steps, photo_count) if order.kind.trains and isinstance(steps, int) else None

    def keeps_model(self, order: Order) -> bool:
        """Whether the trained model of *order* can be fetched afterwards."""
        return order.kind.trains

    def expected_images(self, order: Order) -> int:
        """How many pictures *order* makes when nothing goes missing; those drawn during training don't count."""
        return sum(map(self.pictures_of, order.generations))

    def pictures_of(self, values: Values) -> int:
        """How many pictures one generation with these *values* makes."""
        counting = (param.name for param in self.generation_params if param.counts)
        return prod(int(str(values.get(name) or 1)) for name in counting)

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        """A sentence for each field of *order* that the provider certainly will not take, by name, without asking it.

        Photos don't count yet. `submit` refuses the same.
        """
        return {}

    def notices(self, order: Order) -> tuple[str, ...]:
        """What somebody should know before sending *order*, in sentences: what it does not do that one may expect."""
        return ()

    def why_waiting(self, credentials: Credentials) -> str:
        """Why jobs only wait there, in a sentence, by a call that costs nothing; empty where nothing is known.

        Raises `Unavailable` or `Refused`.
        """
        return ""

    def archive_names(self, order: Order) -> tuple[str, ...]:
        """What the photos of *order* are called in the zip at `Order.archive_url`, in their order: flat and unique."""
        return tuple(photo.name for photo in order.photos)

    def captions_file(self, photos: Sequence[OrderPhoto]) -> bytes:
        """The captions of *photos* as the provider reads them, to be served at `Order.captions_url`.

        Empty where there are none, or the provider takes none.
        """
        return b""

    def called_id(self, body: Mapping[str, Any]) -> str:
        """The provider's own id of the job that a callback's *body* is about; empty where it names none."""
        called = body.get(self.callback_job_id)
        return called if isinstance(called, str) and is_job_id(called) else ""

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

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        """The newest jobs, newest first, as many as the provider shows. Raises `Unavailable` or `Refused`."""
        raise Refused(f"{self.label} has no list of jobs.")

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        """Ask the provider to stop; what `read` says next counts. Raises `Unavailable` or `Refused`."""
        raise Refused(f"{self.label} has no way to stop a job.")

    def forget_photos(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        """Have the provider delete the photos that it keeps of one job; twice is once. Raises `Unavailable` or
        `Refused`."""
        raise Refused(f"{self.label} has no way to forget photos.")

    @abstractmethod
    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Open a result from byte *offset* on; *validator* is the `Download`'s that is continued.

        Raises `Unavailable`, `Refused` or `NotThere` (expired), the first two also while the chunks are read.
        """
