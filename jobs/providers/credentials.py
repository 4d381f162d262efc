"""What opens a provider, kept from being seen on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Secret:
    """A secret in memory. Whatever prints, formats or serialises it shows `***`; `reveal` is for the HTTP client."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return (Secret, ("***",))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True)
class Credentials:
    """What opens a provider: *account* names the API key (never secret), *secret* is empty where none is needed.

    *options* and *secrets* hold what `Provider.key_params` asked for besides, by name: the secret ones apart.
    """

    account: str
    secret: Secret = field(default_factory=lambda: Secret(""))
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
