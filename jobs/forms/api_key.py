"""Forms for API keys. What is typed as a key is checked, stored and never shown again."""

from typing import Any, cast

from django import forms

from jobs.forms.from_params import secret_control
from jobs.forms.key_options import KeyOptions
from jobs.models import ApiKey
from jobs.operations.providers import all_providers, provider
from jobs.providers.base import Capability, Provider


def name_field() -> forms.CharField:
    """What the team calls a key."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label="Name", max_length=60, help_text="How your team calls it, for example “Studio key”.", widget=widget
    )


def secret_field(label: str, help_text: str = "") -> forms.CharField:
    """A provider's key. It goes into a request header, so it is one word of printable ASCII."""
    return forms.CharField(label=label, min_length=8, max_length=500, help_text=help_text, **secret_control())


def providers_with_keys() -> tuple[Provider, ...]:
    """The providers that a key can be added for; practice needs none and has its own."""
    return tuple(one for one in all_providers() if one.can(Capability.NEEDS_KEY))


class ApiKeyForm(KeyOptions):
    """A new key, with what its provider wants to be told along with it."""

    provider = forms.ChoiceField(label="Provider", widget=forms.RadioSelect)
    label = name_field()
    secret = secret_field("Key", "It is encrypted here, and nobody can read it again, not even you.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        providers = providers_with_keys()
        field = cast("forms.ChoiceField", self.fields["provider"])
        field.choices = [(one.slug, one.label) for one in providers]
        field.initial = providers[0].slug if providers else ""
        for one in providers:
            self.ask(one)

    def service(self) -> Provider | None:
        chosen = self.cleaned_data.get("provider")
        return next((one for one in providers_with_keys() if one.slug == chosen), None)


class ChangeKeyForm(KeyOptions):
    """Another name, and other options, for a key that stays; what is stored as a secret need not be typed again."""

    label = name_field()

    def __init__(self, key: ApiKey, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"label": key.label}, **kwargs)
        self.key = key
        self.ask(provider(key.provider), key)

    def service(self) -> Provider:
        return provider(self.key.provider)


class ReplaceKeyForm(forms.Form):
    """A key in the place of another of the same account."""

    secret = secret_field("New key", "Jobs that wait for a key go on with it.")
