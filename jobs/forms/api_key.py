"""Forms for API keys, and for what providers ask for along with one.

What is typed as a key or a secret is checked, stored and never shown again.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms import BoundField

from dashboard.web.own_password import ConfirmedForm
from jobs.forms import from_params
from jobs.forms.from_params import OpenForm, secret_control
from jobs.models import ApiKey
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.operations.providers import all_providers, provider
from jobs.providers.base import Capability, Provider
from jobs.providers.params import Param, Type

STORED = "One is stored. Leave this empty to keep it."
FORGET = "Forget the stored one"


@dataclass(frozen=True)
class ProviderFields:
    """The fields of one provider, those for experts apart."""

    provider: Provider
    simple: list[BoundField]
    expert: list[BoundField]

    @property
    def expert_has_errors(self) -> bool:
        return any(field.errors for field in self.expert)


class KeyOptions(forms.Form, metaclass=OpenForm):
    """A form that asks for the `key_params` of providers; of several, only the chosen one's count."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_of: list[Provider] = []
        self.stored: frozenset[str] = frozenset()

    @abstractmethod
    def service(self) -> Provider | None:
        """The provider whose answers count; None while nobody has chosen."""

    def ask(self, service: Provider, key: ApiKey | None = None) -> None:
        """Add the fields of *service*, filled in with what is known of *key*: of a secret, only that it is there."""
        self.asked_of.append(service)
        self.stored = frozenset(row.name for row in key.further_secrets.all()) if key else frozenset()
        for param in service.key_params:
            made = from_params.field(param)
            made.required = False
            vars(made).update(is_optional=not param.required)
            self.fields[_name(service, param)] = made
            if key is not None and param.type is not Type.SECRET:
                known = key.options.get(param.name, "")
                made.initial = known == "True" if param.type is Type.YES_NO else known
            elif param.name in self.stored:
                made.help_text = f"{STORED} {param.help}"
                if not param.required:
                    self.fields[_forget(service, param)] = forms.BooleanField(label=FORGET, required=False)

    def clean(self) -> dict[str, Any]:
        """Besides, what the provider needs must be there, and what is there must go together."""
        service = self.service()
        if service is None:
            return self.cleaned_data
        for param in service.key_params:
            if param.required and not self._is_told(service, param):
                self.add_error(_name(service, param), "This is needed.")
        if self.errors:
            return self.cleaned_data
        submitted = self.submitted()
        secret_names = {*submitted.secrets, *(self.stored - submitted.forgotten)}
        for name, sentence in service.wrong_key_options(submitted.options, secret_names).items():
            field = f"{service.slug}-{name}"
            self.add_error(field if field in self.fields else None, sentence)
        return self.cleaned_data

    def _is_told(self, service: Provider, param: Param) -> bool:
        name = _name(service, param)
        is_kept = param.type is Type.SECRET and param.name in self.stored
        return is_kept or bool(self.errors.get(name)) or self.cleaned_data.get(name) not in (None, "")

    def submitted(self) -> SubmittedOptions:
        """What was entered, by the provider's names; what was left empty is left out."""
        service = self.service()
        if service is None:
            return SubmittedOptions()
        values = {param.name: self.cleaned_data.get(_name(service, param)) for param in service.key_params}
        given = {name: str(from_params.written(value)) for name, value in values.items() if value not in (None, "")}
        secret_names = {param.name for param in service.key_params if param.type is Type.SECRET}
        options = {name: text for name, text in given.items() if name not in secret_names}
        secrets = {name: text for name, text in given.items() if name in secret_names}
        # Typing another secret says the opposite of forgetting the stored one.
        untyped = secret_names - secrets.keys()
        forgotten = [name for name in untyped if self.cleaned_data.get(f"{service.slug}-{name}-forget")]
        return SubmittedOptions.typed(options, secrets, forgotten)

    def asked(self) -> list[ProviderFields]:
        """The fields of each provider that asks for any."""
        found = [
            ProviderFields(one, self._fields(one, expert=False), self._fields(one, expert=True))
            for one in self.asked_of
        ]
        return [each for each in found if each.simple or each.expert]

    def _fields(self, service: Provider, *, expert: bool) -> list[BoundField]:
        asked = [param for param in service.key_params if param.expert == expert]
        names = [name for param in asked for name in (_name(service, param), _forget(service, param))]
        return [self[name] for name in names if name in self.fields]


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
    """A new key, with what its provider asks for along with it."""

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


class ChangeKeyForm(ConfirmedForm, KeyOptions):
    """Another name, and other options, for a key that stays; what is stored as a secret need not be typed again."""

    label = name_field()

    def __init__(self, key: ApiKey, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"label": key.label}, **kwargs)
        self.key = key
        self.ask(provider(key.provider), key)

    def service(self) -> Provider:
        return provider(self.key.provider)


class ReplaceKeyForm(ConfirmedForm):
    """A key in the place of another of the same account."""

    secret = secret_field("New key", "Jobs that wait for a key go on with it.")


def _name(service: Provider, param: Param) -> str:
    return f"{service.slug}-{param.name}"


def _forget(service: Provider, param: Param) -> str:
    return f"{_name(service, param)}-forget"
