"""Forms for API keys. What is typed as a key is checked, stored and never shown again."""

import re
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.forms import BoundField

from jobs.forms import from_params
from jobs.operations.providers import all_providers
from jobs.providers.base import Capability, Provider
from jobs.providers.params import Param

ONE_WORD = RegexValidator(re.compile(r"\A[!-~]+\Z"), "A key has no spaces and only plain letters, digits and signs.")


def secret_field(label: str, help_text: str = "") -> forms.CharField:
    """A provider's key. It goes into a request header, so it is one word of printable ASCII."""
    widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(
        label=label, min_length=8, max_length=500, validators=[ONE_WORD], widget=widget, help_text=help_text
    )


def providers_with_keys() -> tuple[Provider, ...]:
    """The providers that a key can be added for; practice needs none and has its own."""
    return tuple(one for one in all_providers() if one.can(Capability.NEEDS_KEY))


class ApiKeyForm(forms.Form):
    """A new key, with the options that its provider needs along with it."""

    provider = forms.ChoiceField(label="Provider", widget=forms.RadioSelect)
    label = forms.CharField(
        label="Name", max_length=60, help_text="How your team calls it, for example “Studio key”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    secret = secret_field("Key", "It is encrypted here, and nobody can read it again, not even you.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        providers = providers_with_keys()
        field = cast("forms.ChoiceField", self.fields["provider"])
        field.choices = [(one.slug, one.label) for one in providers]
        field.initial = providers[0].slug if providers else ""
        for one in providers:
            self.fields |= {_name(one, param): _optional(param) for param in one.key_params()}

    def clean(self) -> dict[str, Any]:
        """Besides, the options that the chosen provider needs must be there."""
        for name, param in self._asked():
            if param.required and not self.errors.get(name) and self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, "This is needed.")
        return self.cleaned_data

    def options(self) -> dict[str, str]:
        """The options of a checked key, by the provider's names; what was left empty is left out."""
        given = {param.name: self.cleaned_data[name] for name, param in self._asked()}
        return {name: str(from_params.written(value)) for name, value in given.items() if value not in (None, "")}

    def option_fields(self) -> list[BoundField]:
        """Every option of every provider."""
        return [self[_name(one, param)] for one in providers_with_keys() for param in one.key_params()]

    def _asked(self) -> list[tuple[str, Param]]:
        """The options of the provider that was chosen, by the names of their fields."""
        chosen = [one for one in providers_with_keys() if one.slug == self.cleaned_data.get("provider")]
        return [(_name(one, param), param) for one in chosen for param in one.key_params()]


def _name(service: Provider, param: Param) -> str:
    return f"{service.slug}-{param.name}"


def _optional(param: Param) -> forms.Field:
    """The field for *param*, which only counts when its provider is the one chosen."""
    made = from_params.field(param)
    made.required = False
    return made


class ReplaceKeyForm(forms.Form):
    """A key in the place of another of the same account."""

    secret = secret_field("New key", "Jobs that wait for a key go on with it.")
