"""What the installation tells every provider: where services are, and how fast practice goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from jobs.providers.kit.network import PATIENCE
from jobs.providers.practice.store import MemoryStore, PracticeStore


@dataclass(frozen=True)
class Context:
    """Built once per process from the settings, and handed to each provider.

    *base_urls* points a provider's slug at another server and counts only with *allow_private_hosts*, which also lifts
    the guard against private addresses: for tests, as is *transport*, which replaces the network. *patience* is how
    many seconds an answer may take to begin.
    *practice_store* is where the practice service keeps its jobs (by default only as long as the process lives);
    *practice_training_seconds* is a whole practice training, queue included, *practice_image_seconds* one picture.
    """

    base_urls: Mapping[str, str] = field(default_factory=dict)
    allow_private_hosts: bool = False
    transport: httpx.BaseTransport | None = None
    patience: float = PATIENCE
    practice_store: PracticeStore = field(default_factory=MemoryStore)
    practice_training_seconds: float = 20.0
    practice_image_seconds: float = 0.5

    def base_url(self, slug: str, own: str) -> str:
        """Where the service of the provider *slug* is: at its *own* address, unless another counts."""
        return self.base_urls.get(slug, own) if self.allow_private_hosts else own
