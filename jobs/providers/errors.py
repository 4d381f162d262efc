"""What can go wrong between us and a provider, in four words that decide what may happen next.

ProviderError
├── Unsent        nothing reached the provider: safe to send again
├── Refused       the provider said no and did nothing: sending the same again will not help
│   ├── KeyRefused       the key is wrong or was revoked (401)
│   ├── NoCredit         the account has no tokens left (403)
│   ├── TooMany          asked too often (429); carries how long to wait
│   ├── InvalidOrder     a field is wrong (400, 422); carries the sentence for each field
│   ├── NotThere         no such job or endpoint (404)
│   └── HostRefused      a result lies where we do not fetch from; we said no ourselves
├── Uncertain     the request may have been accepted: never send again before somebody looked
│   └── Outdated         the provider wants to be asked elsewhere (3xx): an admin must know
└── Unavailable   a question got no answer: ask again later, nothing has changed
"""

from collections.abc import Mapping


class ProviderError(Exception):
    """The base of all. *sentence* is for people; *raw* is the provider's redacted answer, at most 64 KiB."""

    def __init__(self, sentence: str, *, raw: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.raw = raw[:65536]


class Unsent(ProviderError):
    """Certainly not sent: the name did not resolve, the connection was refused, we refused it ourselves."""


class Refused(ProviderError):
    """Certainly not accepted: the provider answered and said no."""


class KeyRefused(Refused):
    """The provider does not accept the key."""


class NoCredit(Refused):
    """The account behind the key has no tokens left, or may not do this."""


class TooMany(Refused):
    """Asked too often; *wait* is how many seconds to leave it alone."""

    def __init__(self, sentence: str, *, wait: float, raw: str = "") -> None:
        super().__init__(sentence, raw=raw)
        self.wait = wait


class InvalidOrder(Refused):
    """The provider will not take these values; *fields* maps a `Param` name to its sentence."""

    def __init__(self, sentence: str, *, fields: Mapping[str, str] | None = None, raw: str = "") -> None:
        super().__init__(sentence, raw=raw)
        self.fields = dict(fields or {})


class NotThere(Refused):
    """The provider does not know this job, or has no such endpoint."""


class HostRefused(Refused):
    """A result lies on *host*, which is not one that results are fetched from. Nothing was asked there."""

    def __init__(self, sentence: str, *, host: str) -> None:
        super().__init__(sentence)
        self.host = host


class Uncertain(ProviderError):
    """Perhaps accepted: the answer was lost, unreadable or a server error."""


class Outdated(Uncertain):
    """Answered by a redirect: our address of the service is out of date, and the order was not sent anywhere else."""


class Unavailable(ProviderError):
    """A question was not answered; the job is as it was."""
