"""Forms for API keys. What is typed as a key is checked, stored and never shown again."""

import re
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from jobs.operations.providers import all_providers
from jobs.providers.base import Capability, Provider

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
    """A new key."""

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


class ReplaceKeyForm(forms.Form):
    """A key in the place of another of the same account."""

    secret = secret_field("New key", "Jobs that wait for a key go on with it.")
