"""What is told along with a key: options that may be read, secrets that may not, and where its jobs live."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from dashboard import vault
from dashboard.models import StoredSecret, User
from jobs.models import ApiKey, KeySecret
from jobs.operations.providers import provider
from jobs.providers.credentials import Secret
from jobs.providers.params import Param
from jobs.providers.registry import PROVIDERS


@dataclass(frozen=True)
class Told:
    """What a person told along with a key, by the names of `Provider.key_params`.

    *options* are all there are; of the secrets, what is neither in *secrets* nor *forgotten* stays as it is.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()

    @classmethod
    def typed(cls, options: Mapping[str, str], secrets: Mapping[str, str], forgotten: Iterable[str] = ()) -> "Told":
        """What was typed into a form: from here on nothing prints a secret."""
        return cls(options, {name: Secret(text) for name, text in secrets.items()}, frozenset(forgotten))


NOTHING = Told()


def open_secrets(key: ApiKey, purpose: str, user: User | None = None) -> dict[str, Secret]:
    """The further secrets of *key*, by name; each opening is written down."""
    rows = key.further_secrets.select_related("stored").order_by("name")
    return {row.name: Secret(vault.open_secret(row.stored, purpose, user=user)) for row in rows}


def keep_secrets(key: ApiKey, told: Told) -> None:
    """Put the secrets that were *told* into the vault, in the place of older ones. The caller holds the key's lock."""
    _destroy(key, {*told.secrets, *told.forgotten})
    for name, secret in told.secrets.items():
        stored = vault.seal(key.workspace, key.provider, name, secret.reveal())
        KeySecret.objects.create(api_key=key, name=name, stored=stored)


def destroy_secrets(key: ApiKey) -> None:
    """Destroy all further secrets of *key*."""
    _destroy(key, set(key.further_secrets.values_list("name", flat=True)))


def _destroy(key: ApiKey, names: Collection[str]) -> None:
    rows = KeySecret.objects.filter(api_key=key, name__in=names)
    StoredSecret.objects.filter(pk__in=list(rows.values_list("stored_id", flat=True))).delete()


def place(key: ApiKey, options: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where jobs of *key* live: keys of one provider with the same place know each other's jobs."""
    told = key.options if options is None else options
    named = [param for param in params(key.provider) if param.names_place]
    return {param.name: str(told.get(param.name, param.default or "")) for param in named}


def params(provider_slug: str) -> tuple[Param, ...]:
    """What the provider wants to be told along with a key; nothing when it is no longer there."""
    return provider(provider_slug).key_params if provider_slug in PROVIDERS else ()
