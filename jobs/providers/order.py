"""What travels to a provider: one job, with all that it needs to know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jobs.providers.params import Values


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
    lost attempt is found again. *captions_url* is where the provider can fetch `Provider.captions_file`, *archive_url*
    all photos as one zip, named as `Provider.archive_names` says. *key_options* is what was told along with the key,
    without its secrets. *reference* is our own name for the job, which a provider may carry along; it opens nothing.
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
    archive_url: str = ""
    key_options: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    name: str = ""


@dataclass(frozen=True)
class Study:
    """How long a training studies: *steps* in all, of which *round_steps* look at every photo once. *text_steps* come
    on top where the words are learnt apart."""

    steps: int
    round_steps: int
    text_steps: int = 0


@dataclass(frozen=True)
class Estimate:
    """What a job will take: *seconds* as least and most, *cost* in whole cents of *currency* (None: unknown)."""

    seconds: tuple[int, int]
    cost_cents: int | None = None
    currency: str = "EUR"
