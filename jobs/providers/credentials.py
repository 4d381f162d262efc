"""What opens a provider, kept from being seen on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.redaction import Secret

__all__ = ["Credentials", "Secret"]


@dataclass(frozen=True)
class Credentials:
    """What opens a provider: *account* names the API key (never secret), *secret* is empty where none is needed.

    *options* and *secrets* hold what `Provider.key_params` asked for besides, by name: the secret ones apart.
    """

    account: str
    secret: Secret = field(default_factory=lambda: Secret(""))
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
