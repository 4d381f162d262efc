"""What every order form shares: the API key it goes out with, the provider's fields, and its idempotency key."""

import secrets
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField

from dashboard.models import Workspace
from dashboard.numbers import whole_number
from jobs.forms import from_params
from jobs.forms.from_params import OpenForm
from jobs.models import ApiKey, Job
from jobs.operations.jobs.order import JobDraft
from jobs.operations.providers import provider
from jobs.providers.base import Capability, Provider
from jobs.providers.order import LABELS, BaseModel
from jobs.providers.params import Param, Value, Values, chosen
from jobs.providers.registry import PROVIDERS

MOST_PROMPTS = 50
OWN_SIZE = "own"
"""The shape of pictures whose width and height are typed."""
PICTURES = "g-"
"""Begins the names of the fields that say how pictures are drawn."""

Typed = Mapping[str, Any]
"""What stands in a form: strings as posted, or values to begin with."""


class NewJob(forms.Form, metaclass=OpenForm):
    """An order in the making.

    *typed* is what stands in the form, posted or to begin with; it decides which key, provider and base model the
    fields are for. Only a *checked* form says what is wrong. Fields that the page did not show yet (it lists those it
    did in `shown`) have their default.
    """

    kind: ClassVar[str]
    was_refitted = False
    """Whether a choice changed so that fields were filled again since they were last shown."""
    capability: ClassVar[Capability]
    called_here: ClassVar[Mapping[str, str]] = {}
    """What this form calls the fields that a provider knows by another name."""

    idempotency_key = forms.CharField(
        max_length=64, widget=forms.HiddenInput, error_messages={"required": "Send this once more."}
    )
    shown = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    drawn_for = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    """Which base models the drawing settings were filled in for, so that they can follow to another kind of them."""
    again = forms.BooleanField(required=False, widget=forms.HiddenInput)
    clone = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    name = forms.CharField(
        required=False,
        max_length=120,
        help_text="How you will find it again.",
        widget=forms.TextInput({"placeholder": " "}),
    )

    def __init__(self, workspace: Workspace, typed: Typed, *, checked: bool = False) -> None:
        self.workspace = workspace
        self.keys = usable_keys(workspace, self.capability)
        self.key = self._chosen_key(typed)
        self.provider: Provider | None = provider(self.key.provider) if self.key else None
        values = self._settled(typed)
        super().__init__(values if checked else None, initial=values)
        self.fields["api_key"] = self._key_field()
        if self.provider is not None and self.provider.prompt_help:
            prompts = self.fields["prompts"]
            prompts.help_text = f"{prompts.help_text} {self.provider.prompt_help}"
        values |= self._add_fields(values)
        complete = self._complete(values)
        self.initial, self.data = complete, complete if checked else self.data

    @property
    def can_order(self) -> bool:
        """Whether there is a key at all that this can be sent with."""
        return self.key is not None

    def _chosen_key(self, typed: Typed) -> ApiKey | None:
        chosen = str(typed.get("api_key", ""))
        return next((key for key in self.keys if str(key.pk) == chosen), self.keys[0] if self.keys else None)

    def _key_field(self) -> forms.Field:
        return forms.ChoiceField(
            label="Where it runs",
            choices=[(key.pk, key_text(key)) for key in self.keys],
            error_messages={"invalid_choice": "This key was removed. Choose another."},
        )

    def _settled(self, typed: Typed) -> dict[str, Any]:
        """*typed*, with what follows from it filled in."""
        return {"idempotency_key": secrets.token_urlsafe(18), **typed}

    @abstractmethod
    def _add_fields(self, values: Typed) -> dict[str, Any]:
        """Add the fields that depend on what was chosen, and return what of *values* follows from that."""

    def _picture_params(self) -> tuple[Param, ...]:
        """What is asked of the pictures besides their prompts."""
        params = self.provider.generation_params if self.provider else ()
        return tuple(param for param in params if param.name != "prompt")

    def _drawing(self, family: str, size: Value) -> dict[str, Value]:
        """What drawing settings begin with for base models of *family* that draw squares of *size* best."""
        defaults = {param.name: param.default_for(family) for param in self._picture_params()}
        return defaults | {name: size for name in ("width", "height") if name in defaults}

    def _add_picture_params(self, values: Typed, model: BaseModel) -> dict[str, Any]:
        """Add the drawing settings for *model*, and return those of *values* that follow it: sizes, steps and guidance
        that still stand as they were filled in for another kind of base model."""
        fitting = self._drawing(model.type, model.size)
        self._add_params(PICTURES, self._picture_params(), model.type, fitting)
        now, before = f"{model.type}:{model.size}", str(values.get("drawn_for", ""))
        if before in {"", now}:
            return {"drawn_for": now}
        family, _, size = before.rpartition(":")
        former = self._drawing(family, whole_number(size))
        followed = {
            f"{PICTURES}{name}": from_params.written(value)
            for name, value in fitting.items()
            if value != former[name] and str(values.get(f"{PICTURES}{name}")) == str(from_params.written(former[name]))
        }
        is_sized = f"{PICTURES}width" in followed and values.get("shape", OWN_SIZE) == OWN_SIZE
        self.was_refitted |= is_sized  # larger pictures may cost more than was shown
        return {"drawn_for": now, **followed}

    def _complete(self, values: dict[str, Any]) -> dict[str, Any]:
        """*values* with the default of each field that the page did not show when they were typed."""
        shown = set(str(values.get("shown", "")).split(","))
        absent = [(name, made) for name, made in self.fields.items() if name not in values]
        unticked = {name: False for name, made in absent if name in shown and isinstance(made, forms.BooleanField)}
        fresh = {name: made.prepare_value(made.initial) for name, made in absent if name not in shown}
        own = ",".join(name for name in self.fields if name not in self.base_fields)
        key = {"api_key": self.key.pk if self.key else ""}
        return {**key, **values, **unticked, **{name: v for name, v in fresh.items() if v is not None}, "shown": own}

    def _add_params(self, prefix: str, params: Iterable[Param], model_type: str, start: Values) -> None:
        for name, made in from_params.fields(params, model_type).items():
            made.initial = start.get(name, made.initial)
            self.fields[f"{prefix}{name}"] = made

    def _given(self, prefix: str, params: Iterable[Param]) -> dict[str, Value]:
        cleaned = {key.removeprefix(prefix): v for key, v in self.cleaned_data.items() if key.startswith(prefix)}
        return chosen(params, cleaned)

    def _fields(self, prefix: str, *, expert: bool) -> list[BoundField]:
        names = [name for name, made in self.fields.items() if name.startswith(prefix)]
        return [self[name] for name in names if getattr(self.fields[name], "expert", False) is expert]

    def own_model_fields(self) -> list[BoundField]:
        """What asks for a base model that is not on the list, while that is what was chosen."""
        return [self[name] for name in ("own_model", "own_model_type") if name in self.fields]

    def expert_has_errors(self) -> bool:
        return any(self[name].errors for name, made in self.fields.items() if getattr(made, "expert", False))

    def original(self) -> Job | None:
        """The job this order changes, when it began as its clone."""
        number = str(self.initial.get("clone") or "")
        return self.workspace.jobs.present().filter(pk=number).first() if is_id(number) else None

    def clean(self) -> dict[str, Any] | None:
        """Besides, what the provider will certainly not take is said beside its field; what does not count now, because
        another field is not ticked, may be anything."""
        for name in [name for name in self.errors if self._is_idle(name)]:
            del self.errors[name]
        if self.key is not None and self.provider is not None and not self.errors:
            for order in self._draft(self.key, dry_run=False).split():
                self.say(self.provider.wrong_fields(order.as_order()))
        return self.cleaned_data

    def _is_idle(self, name: str) -> bool:
        """Whether the field counts only with a tick that is not there."""
        needed = getattr(self.fields.get(name), "needs", "")
        return bool(needed) and not self.cleaned_data.get(f"{name.partition('-')[0]}-{needed}")

    def say(self, said: Mapping[str, str]) -> None:
        """Put each sentence beside the field that the provider's name stands for, or above the form."""
        for name, sentence in said.items():
            place = self._place(name)
            if place not in self.errors:
                self.add_error(place, sentence if place else f"{name}: {sentence}")

    def _place(self, name: str) -> str | None:
        own = "own_model" if name == "base_model" else name
        places = (own, self.called_here.get(name, name), f"t-{name}", f"g-{name}")
        return next((place for place in places if place in self.fields), None)

    def draft(self, *, dry_run: bool = False) -> JobDraft:
        """The order. Raises `ValueError` for a form that is not valid."""
        if self.key is None or not self.is_valid():
            raise ValueError("Only a valid form is an order.")
        return self._draft(self.key, dry_run=dry_run)

    def _asked(self) -> dict[str, Any]:
        """The values of those fields of an order that this form asks for by their own names."""
        return {name: self.cleaned_data[name] for name in LABELS if name in self.fields}

    @abstractmethod
    def _draft(self, key: ApiKey, *, dry_run: bool) -> JobDraft:
        """The order, from cleaned fields, to go out with *key*."""


def is_id(text: str) -> bool:
    """Whether *text* can be the id of a row."""
    return whole_number(text) is not None


def usable_keys(workspace: Workspace, capability: Capability) -> list[ApiKey]:
    """The keys that can do this: real ones first, of those the ones that work, then the newest."""
    keys = [key for key in workspace.api_keys.usable().order_by("-id") if key.provider in PROVIDERS]
    able = [key for key in keys if provider(key.provider).can(capability)]
    return sorted(able, key=lambda key: (provider(key.provider).is_practice, _AILING.get(key.health_text, 0)))


_AILING = {"No answer yet": 1, "Out of credit": 2, "Not accepted": 3}
"""What may be wrong with a key, worst last."""


def key_text(key: ApiKey) -> str:
    """A key as people choose it: whose service, which of their keys, and what is wrong with it."""
    service = provider(key.provider)
    if service.is_practice:
        return f"{service.label} (free)"
    ailment = key.health_text.lower() if key.health_text in _AILING else ""
    return " · ".join(filter(None, (service.label, key.label, ailment)))


def base_model_of(service: Provider, chosen: str) -> BaseModel:
    """The base model called *chosen*, or the provider's first."""
    return service.base_model(chosen) or service.base_models[0]


def prompts_field(*, placeholder: str = "", **options: Any) -> forms.CharField:
    """A text area with one prompt a line."""
    look = {"rows": 4, "spellcheck": "true", "placeholder": placeholder}
    return PromptsField(max_length=40_000, widget=forms.Textarea(look), **options)


class PromptsField(forms.CharField):
    """Prompts, one a line; empty lines do not count."""

    def clean(self, value: object) -> list[str]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_PROMPTS:
            raise forms.ValidationError(f"{len(lines)} prompts are too many for one order; {MOST_PROMPTS} is the most.")
        if any(len(line) > 2000 for line in lines):
            raise forms.ValidationError("One of the prompts is longer than 2000 characters.")
        if self.required and not lines:
            raise forms.ValidationError("Say what the pictures should show, one prompt a line.")
        return lines
