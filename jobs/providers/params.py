"""One form field of a provider, as data.

From the same `Param`s come the form, its checks, its help, the request preview and the documentation table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | list[int] | list[str] | None
Values: TypeAlias = Mapping[str, Value]


class Type(StrEnum):
    """What a value is, and so which control asks for it."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    LONG_TEXT = "long text"
    CHOICE = "choice"
    YES_NO = "yes or no"
    INTEGERS = "whole numbers"
    SEED = "seed"
    SECRET = "secret"  # noqa: S105 - a kind of field, no password


@dataclass(frozen=True)
class Choice:
    """One answer to a CHOICE; *hint* is half a line on when to take it."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Param:
    """One value a provider takes.

    *name* is the provider's own field name, *label* ours. *minimum* and *maximum* are inclusive; *step* is what the
    control's arrows add. *unit* stands behind the value ("steps"). *expert* fields stand under Advanced.
    *free* lets people type a CHOICE that is not listed. *max_length* counts characters, for INTEGERS the numbers.
    *model_types* limits the field to those families of base models (empty: all). A SEED of -1 means: a random one.
    A SECRET is kept in the vault and never shown; only `Provider.key_params` may ask for one.
    Of those, one that *names_place* tells where jobs live: with another value they cannot be asked after any more.
    A SECRET *goes_to* what other key_params say, and with another value there is not sent along.
    A value of None means: leave it out of the request. A field that is not *worth_showing* at its default is left out
    where settings are listed. One that *counts* says how many pictures a prompt gives, and nothing about each of them;
    where several do, they are multiplied. One that *needs* another by name counts only while that one is ticked.
    """

    name: str
    label: str
    type: Type
    help: str
    default: Value = None
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Choice, ...] = ()
    max_length: int = 2000
    required: bool = False
    expert: bool = False
    free: bool = False
    model_types: frozenset[str] = frozenset()
    worth_showing: bool = True
    counts: bool = False
    names_place: bool = False
    goes_to: tuple[str, ...] = ()
    needs: str = ""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """Another default for some families of base models."""

    def default_for(self, model_type: str) -> Value:
        """What the field begins with for a base model of *model_type*."""
        return self.defaults.get(model_type, self.default)


@dataclass(frozen=True)
class Preset:
    """Values that fit one goal, and why.

    *goal* is what the photos show (`person`, `pet`, `object`, `style`); a goal can have several presets, the first is
    advised. *reason* is a sentence or two for everybody, *numbers* is half a line for those who know learning rates.
    *photos* is the advised number of photos, least and most.
    """

    slug: str
    label: str
    goal: str
    reason: str
    base_model: str
    values: Values
    class_word: str = ""
    photos: tuple[int, int] = (10, 15)
    numbers: str = ""
    steps_per_photo: int | None = None
    """When set, the total number of steps follows from the number of photos."""


def chosen(params: Iterable[Param], values: Values) -> dict[str, Value]:
    """Those of *values* that *params* name, that were not left empty, and whose tick is there where they need one."""
    counting = (param for param in params if not param.needs or values.get(param.needs) is True)
    return {param.name: values[param.name] for param in counting if values.get(param.name) not in (None, "")}


def missing(params: Iterable[Param], values: Values) -> dict[str, str]:
    """A sentence for each of *params* that is required and was left empty, by name."""
    return {
        param.name: "This is needed." for param in params if param.required and values.get(param.name) in (None, "")
    }
