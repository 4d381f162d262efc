"""An order: what somebody wants done (`OrderSpec`), and what travels to a provider (`Order`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final, TypeVar, get_type_hints

from jobs.providers.params import Values

LABEL: Final = "label"
"""What pages call a field of an order (`OrderSpec`)."""

Checked = TypeVar("Checked")


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
class OrderSpec:
    """What somebody ordered: the same for the form that asks for it, the row that keeps it and the provider's order.

    *training* and *generations* hold `Param` values by name (one mapping per prompt). *token* and *class_word* name the
    subject ("ukj", "person"). *preset* only says where the values came from. A field with a `label` is one that a form
    asks for by the field's own name, and that pages call by the label.
    """

    kind: Kind
    name: str = ""
    base_model: str = ""
    model_type: str = ""
    preset: str = ""
    token: str = field(default="", metadata={LABEL: "Name of the subject"})
    class_word: str = field(default="", metadata={LABEL: "What it is"})
    training: Values = field(default_factory=dict)
    generations: tuple[Values, ...] = ()
    dry_run: bool = False

    def spec(self) -> "OrderSpec":
        """The order alone, of something that says more than that."""
        return OrderSpec(**{each.name: getattr(self, each.name) for each in fields(OrderSpec)})

    def is_same_work(self, other: "OrderSpec") -> bool:
        """Whether *other* asks for the same, however both are called and wherever their values came from."""
        nameless = (replace(each.spec(), name="", preset="") for each in (self, other))
        return next(nameless) == next(nameless)

    def to_json(self) -> dict[str, Any]:
        """The order as JSON keeps it."""
        return {each.name: _kept(getattr(self, each.name)) for each in fields(OrderSpec)}

    @staticmethod
    def from_json(kept: Mapping[str, object]) -> "OrderSpec":
        """The order that `to_json` kept, also in a version that knew fewer fields of it, or more.

        Raises `ValueError` for what no version has kept.
        """
        hints = get_type_hints(OrderSpec)
        read = {each.name: _READERS[hints[each.name]] for each in fields(OrderSpec) if each.name in kept}
        try:
            return OrderSpec(**{name: reader(kept[name]) for name, reader in read.items()})
        except TypeError as odd:
            raise ValueError(str(odd)) from None


LABELS: Mapping[str, str] = {each.name: each.metadata[LABEL] for each in fields(OrderSpec) if LABEL in each.metadata}
"""The fields of an order that people fill in one by one, as pages call them, by their own names."""


@dataclass(frozen=True)
class Order(OrderSpec):
    """All that a provider needs to know of one job: what was ordered, and what only the attempt to send it knows.

    *checkpoint_id* is the provider's own id of the checkpoint to generate with or train on, and excludes *base_model*.
    *callback_url* carries the attempt's token and is how a lost attempt is found again. *captions_url* is where the
    provider can fetch `Provider.captions_file`, *archive_url* all photos as one zip, named as `Provider.archive_names`
    says. *key_options* is what was told along with the key, without its secrets. *reference* is our own name for the
    job, which a provider may carry along; it opens nothing.
    """

    checkpoint_id: str = ""
    photos: tuple[OrderPhoto, ...] = ()
    callback_url: str = ""
    captions_url: str = ""
    archive_url: str = ""
    key_options: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""

    @classmethod
    def of(cls, spec: OrderSpec, **attempt: Any) -> "Order":
        """The order of *spec*, with fields of its own for this *attempt*."""
        return cls(**vars(spec.spec()), **attempt)


def _kept(value: object) -> object:
    if isinstance(value, tuple):
        return [_kept(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _checked(kind: type[Checked], kept: object) -> Checked:
    if not isinstance(kept, kind):
        raise TypeError(f"{kind.__name__} was expected, not {kept!r:.80}.")
    return kept


_READERS: dict[object, Callable[[object], Any]] = {
    Kind: lambda kept: Kind(_checked(str, kept)),
    str: lambda kept: _checked(str, kept),
    bool: lambda kept: _checked(bool, kept),
    Values: lambda kept: _checked(dict, kept),
    tuple[Values, ...]: lambda kept: tuple(_checked(dict, each) for each in _checked(list, kept)),
}
"""How JSON is read back, by the type of the field."""


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
