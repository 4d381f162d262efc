"""What an adapter of a service is that is asked over HTTPS with a key: `Provider`, over the guarded client."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from jobs.providers.base import Provider
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.errors import InvalidOrder
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.network import longest_order
from jobs.providers.kit.refusals import in_our_words
from jobs.providers.reply import Artifact, ArtifactKind, Download

_LARGEST = {ArtifactKind.IMAGE: 64 * 1024**2, ArtifactKind.CHECKPOINT: 16 * 1024**3}
"""Bytes that a result of unknown size may have."""


class RemoteProvider(Provider):
    """An adapter says where the service is and translates; what goes over the network goes through here."""

    base_url: ClassVar[str]
    """Where the API is: the key goes there and nowhere else."""
    result_hosts: ClassVar[tuple[str, ...]] = ()
    """Hosts that results may lie on, as full names, or as `.example.com` for all names below."""
    short_label: ClassVar[str] = ""
    """What the service is called within a sentence, where that is not its label."""
    form_names: ClassVar[Mapping[str, str]] = {}
    """What our form calls a field of the request that is none of the `Param`s."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.longest_call = longest_order(context.patience)
        url = context.base_url(self.slug, self.base_url)
        self._client = GuardedClient(self.label, url, context, result_hosts=self.result_hosts, refusals=self.refusals)

    def close(self) -> None:
        self._client.close()

    @property
    def key_host(self) -> str:
        return self._client.host

    def send(self, path: str, body: Mapping[str, Any], credentials: Credentials) -> dict[str, Any]:
        """POST an order, once, and return the reply without any of our secrets.

        Raises `Unsent`, `Refused` or `Uncertain`; an `InvalidOrder` names the fields that our form has.
        """
        try:
            return self._client.order(path, body, credentials.secret, hidden=credentials.secrets.values())
        except InvalidOrder as error:
            names = {param.name for param in (*self.training_params, *self.generation_params)}
            raise in_our_words(error, self.short_label or self.label, names, self.form_names) from None

    def ask(self, path: str, credentials: Credentials, method: str = "GET") -> dict[str, Any] | list[Any]:
        """Ask something that costs nothing; the answer comes without any of our secrets, which some services repeat.

        Raises `Unavailable` or `Refused`.
        """
        return self._client.ask(path, credentials.secret, method=method, hidden=credentials.secrets.values())

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Results lie at signed addresses; no key is ever sent there."""
        return self.fetch(artifact.url, artifact, offset, validator)

    def fetch(self, url: str, artifact: Artifact, offset: int, validator: str, hosts: Collection[str] = ()) -> Download:
        """Open *artifact* at *url*, which may lie on *hosts* besides the `result_hosts`; see `Provider.download`."""
        limit = int(artifact.size * 1.01) + 1024 if artifact.size else _LARGEST[artifact.kind]
        return self._client.download(url, limit_bytes=limit, offset=offset, validator=validator, hosts=hosts)
