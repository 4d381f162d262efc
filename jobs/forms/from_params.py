"""Form fields from a provider's `Param`s: the control, its bounds, and a sentence for whatever is typed wrongly."""

import math
import re
from abc import ABCMeta
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.forms import DeclarativeFieldsMetaclass
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobs.forms.numbers import NumberField, SeedField, WholeNumberField, WholeNumbersField, number_text
from jobs.providers.params import Param, Type, Value

LARGEST = 2**53 - 1
"""Whole numbers beyond this are mangled by JSON readers."""
ONE_WORD = RegexValidator(re.compile(r"\A[!-~]+\Z"), "This has no spaces and only plain letters, digits and signs.")


class OpenForm(DeclarativeFieldsMetaclass, ABCMeta):
    """The type of such a form: one whose abstract methods are not filled in cannot be made."""


class ChoiceOrOwnInput(forms.TextInput):
    """A text field with suggestions, for choices where the provider takes others too."""

    def __init__(self, choices: Iterable[tuple[str, str]], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = list(choices)

    def render(
        self, name: str, value: object, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        listed = f"{(attrs or {}).get('id', name)}_choices"
        control = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.choices)
        return format_html('{}<datalist id="{}">{}</datalist>', control, listed, options)


def fields(params: Iterable[Param], model_type: str) -> dict[str, forms.Field]:
    """A field for each of *params* that applies to a base model of *model_type*, by the provider's own name."""
    asked = [param for param in params if applies(param, model_type)]
    made = {param.name: field(replace(param, default=param.default_for(model_type))) for param in asked}
    for one in list(made.values()):
        if needed := made.get(vars(one)["needs"]):
            vars(needed).update(is_switch=True)
    return made


def applies(param: Param, model_type: str) -> bool:
    """Whether *param* is asked for with a base model of *model_type*."""
    return not param.model_types or model_type in param.model_types


def can_be_empty(param: Param) -> bool:
    """Whether the control of *param* can be left empty: a tick and a list of answers always say something."""
    is_list = param.type is Type.CHOICE and not param.free and param.default is not None
    return not (param.required or is_list or param.type is Type.YES_NO)


def field(param: Param) -> forms.Field:
    """The field that asks for *param*. Templates find `unit`, `provider_name`, `expert` and `needs` on it,
    and `is_switch` on one that others need."""
    made = _BUILDERS[param.type](param)
    name = param.name if param.expert else ""
    vars(made).update(unit=param.unit, provider_name=name, expert=param.expert, needs=param.needs)
    return made


def written(value: Value) -> object:
    """*value* as it stands in its control."""
    if isinstance(value, float):
        return number_text(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _integer(param: Param) -> forms.Field:
    return WholeNumberField(**_common(param), **_bounds(param, _whole), widget=forms.NumberInput(_steps(param)))


def _number(param: Param) -> forms.Field:
    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    return NumberField(**_common(param), **_bounds(param, lambda bound: bound), widget=widget)


def _seed(param: Param) -> forms.Field:
    made = SeedField(**_common(param) | {"required": False}, **_bounds(param, _whole))
    made.widget.attrs |= {"placeholder": "random"}
    return made


def _text(param: Param) -> forms.Field:
    return forms.CharField(**_common(param), **_length(param))


def _long_text(param: Param) -> forms.Field:
    return forms.CharField(**_common(param), **_length(param), widget=forms.Textarea({"rows": 3}))


def _secret(param: Param) -> forms.Field:
    return forms.CharField(**_common(param) | {"initial": None}, **_length(param), **secret_control())


def secret_control() -> dict[str, Any]:
    """What a field for a secret is made with: it is one word of printable ASCII, and never shown again."""
    # Browsers fill the saved sign-in password into a password field that only says "off" (Chromium, 2026-11).
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    return {"widget": widget, "validators": [ONE_WORD]}


def _choice(param: Param) -> forms.Field:
    pairs = [(choice.value, _choice_text(choice.label, choice.hint)) for choice in param.choices]
    if param.free:
        return forms.CharField(**_common(param), **_length(param), widget=ChoiceOrOwnInput(pairs))
    if not param.required and param.default is None:
        pairs.insert(0, ("", "The provider's own"))
    return forms.ChoiceField(**_common(param), choices=pairs)


def _yes_no(param: Param) -> forms.Field:
    return forms.BooleanField(**_common(param) | {"required": False})


def _integers(param: Param) -> forms.Field:
    one = WholeNumberField(error_messages=_messages(param), **_bounds(param, _whole))
    widget = forms.TextInput({"placeholder": "400, 800", "autocomplete": "off"})
    return WholeNumbersField(**_common(param), one=one, most=param.max_length, max_length=1000, widget=widget)


_BUILDERS: dict[Type, Callable[[Param], forms.Field]] = {
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.TEXT: _text,
    Type.LONG_TEXT: _long_text,
    Type.CHOICE: _choice,
    Type.YES_NO: _yes_no,
    Type.INTEGERS: _integers,
    Type.SEED: _seed,
    Type.SECRET: _secret,
}


def _common(param: Param) -> dict[str, Any]:
    return {
        "label": param.label,
        "help_text": param.help,
        "initial": param.default,
        "required": param.required,
        "error_messages": _messages(param),
    }


def _messages(param: Param) -> dict[str, str]:
    unit = f" {param.unit}" if param.unit else ""
    least, most = (number_text(bound) if bound is not None else "" for bound in (param.minimum, param.maximum))
    wanted = "a number" if param.type is Type.NUMBER else "a whole number"
    return {
        "required": "This is needed.",
        "invalid": f"Type {wanted}, for example {_example(param)}.",
        "min_value": f"{least}{unit} is the least.",
        "max_value": f"{most}{unit} is the most.",
        "max_length": f"That is too long: {param.max_length} characters is the most.",
        "invalid_choice": "Choose one of the answers in the list.",
    }


def _example(param: Param) -> str:
    for value in (param.default, param.minimum, param.maximum):
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return number_text(value)
    return "100"


def _bounds(param: Param, rounded: Callable[[float], float]) -> dict[str, Any]:
    least = -LARGEST if param.minimum is None else param.minimum
    most = LARGEST if param.maximum is None else param.maximum
    return {"min_value": rounded(least), "max_value": rounded(most)}


def _whole(bound: float) -> int:
    return math.trunc(bound)


def _steps(param: Param) -> dict[str, Any]:
    """What the arrows add. Browsers count from the least value on and mark whatever they do not come by as wrong: with
    50 from 1 on that would be 1200, so there the arrows add 1."""
    step = param.step or 1
    starts_on_step = (param.minimum or 0) % step == 0
    return {"step": number_text(step if starts_on_step else 1), "inputmode": "numeric"}


def _length(param: Param) -> dict[str, Any]:
    return {"max_length": param.max_length}


def _choice_text(label: str, hint: str) -> str:
    return f"{label} — {hint}" if hint else label
