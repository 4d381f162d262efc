"""What an order begins with: a base model of the list, one that is typed, or a checkpoint trained earlier."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django import forms
from django.core.validators import RegexValidator

from jobs.forms.new_job import Typed, base_model_of, is_id
from jobs.models import Checkpoint
from jobs.models.result import CheckpointQuerySet
from jobs.providers.base import Capability, Provider
from jobs.providers.order import BaseModel

OWN = "other"
"""Stands for a base model that is typed."""
CHECKPOINT = "checkpoint:"
MOST_CHECKPOINTS_SHOWN = 100

NAME = RegexValidator(r"^[\w.:/-]+$", "One word, please, exactly as the service writes it.")


@dataclass(frozen=True)
class StartingModel:
    """A training's start: *model*, or *checkpoint*, which was made from it."""

    model: BaseModel
    checkpoint: Checkpoint | None = None


def starting_model(service: Provider, checkpoints: Iterable[Checkpoint], typed: Typed) -> StartingModel:
    """What was chosen, or the first base model of *service*."""
    chosen = str(typed.get("base_model", ""))
    if chosen == OWN and service.model_types:
        return StartingModel(own_model(service, typed))
    found = next((checkpoint for checkpoint in checkpoints if value(checkpoint) == chosen), None)
    if found is None:
        return StartingModel(base_model_of(service, chosen))
    made_from = in_family(service, base_model_of(service, found.base_model), found.model_type)
    return StartingModel(replace(made_from, id=found.base_model), found)


def usable_checkpoints(earlier: CheckpointQuerySet, service: Provider, chosen: str) -> list[Checkpoint]:
    """The newest of *earlier* that *service* can train on, and the chosen one however old it is. A LoRA is not one."""
    if not service.can(Capability.TRAIN_FURTHER):
        return []
    usable = earlier.usable().filter(provider=service.slug, is_lora=False).select_related("job").order_by("-id")
    shown = list(usable[:MOST_CHECKPOINTS_SHOWN])
    number = chosen.removeprefix(CHECKPOINT)
    is_older = chosen.startswith(CHECKPOINT) and is_id(number) and len(shown) == MOST_CHECKPOINTS_SHOWN
    if is_older and int(number) not in {checkpoint.pk for checkpoint in shown}:
        shown += usable.filter(pk=number)
    return shown


def starting_model_field(service: Provider, checkpoints: Iterable[Checkpoint]) -> forms.ChoiceField:
    """The field that asks what to start from."""
    listed = [(model.id, model.label) for model in service.base_models]
    listed += [(OWN, "Another one, by its name")] if service.model_types else []
    own = [(value(checkpoint), str(checkpoint)) for checkpoint in checkpoints]
    return forms.ChoiceField(
        label="Start from" if own else "Base model",
        choices=[("Base models", listed), ("Your models", own)] if own else listed,
        error_messages={"invalid_choice": "Choose a base model from the list."},
    )


def value(checkpoint: Checkpoint) -> str:
    """How the field says *checkpoint*."""
    return f"{CHECKPOINT}{checkpoint.pk}"


def own_model(service: Provider, typed: Typed) -> BaseModel:
    """The base model that was typed; of the family that was chosen, or else the one its name speaks for."""
    name, family = str(typed.get("own_model", "")).strip(), str(typed.get("own_model_type", ""))
    guessed = base_model_of(service, name)
    told = family if family in {choice.value for choice in service.model_types} else ""
    return in_family(service, replace(guessed, id=name, label=name), told)


def in_family(service: Provider, model: BaseModel, family: str) -> BaseModel:
    """*model*, of the *family* that is known of it, and as large as that draws."""
    type_ = family or model.type
    alike = [one.size for one in service.base_models if one.type == type_]
    return replace(model, type=type_, size=model.size if model.size in alike or not alike else alike[0])


def own_model_fields(service: Provider) -> dict[str, forms.Field]:
    """The fields that ask for a base model that is not on the list."""
    families = [(choice.value, f"{choice.label} — {choice.hint}") for choice in service.model_types]
    made: dict[str, forms.Field] = {
        "own_model": forms.CharField(
            label="Name of the base model",
            max_length=200,
            validators=[NAME],
            help_text=service.typed_model_help or f"Exactly as {service.label} writes it.",
            widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
            error_messages={"required": f"Type its name as {service.label} writes it."},
        ),
    }
    if len(families) > 1:
        made["own_model_type"] = forms.ChoiceField(
            label="Its family",
            required=False,
            choices=[("", "Told by its name"), *families],
            help_text="Which settings it takes, and how large its pictures are.",
        )
    return made
