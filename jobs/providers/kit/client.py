"""The one way from here to a provider: a guarded HTTP client.

It never follows a redirect, never retries, reads no proxies or passwords from the environment, keeps no cookies,
sends a key to its provider's own host only, reads a bounded number of bytes, and speaks TLS to public addresses only.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import httpx

from dashboard.redaction import redacted, redacted_text, secrets_in, without_key
from jobs.providers.context import Context
from jobs.providers.credentials import Secret
from jobs.providers.errors import HostRefused, KeyRefused, Outdated, Refused, Unavailable, Uncertain, Unsent
from jobs.providers.kit import strict_json
from jobs.providers.kit.downloads import open_download
from jobs.providers.kit.network import Answer, BadAnswer, exchange, for_orders, for_questions
from jobs.providers.kit.refusals import REFUSALS, refusal
from jobs.providers.kit.replies import is_on
from jobs.providers.reply import Download

_CERTAINLY_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_KEY = re.compile(r"[\x21-\x7e]+")


class GuardedClient:
    """The client of one provider. Made once per process; safe to share between threads.

    *label* is the provider's name in sentences. *base_url* is where its API is: its key goes there and nowhere else.
    *result_hosts* are the hosts its results may lie on, as full names, or as `.example.com` for all names below.
    *refusals* says which statuses prove that nothing was accepted, and what they mean. *context* says how many seconds
    an answer may take to begin, and in tests whether private hosts count and what replaces the network.
    """

    def __init__(
        self,
        label: str,
        base_url: str,
        context: Context,
        *,
        result_hosts: Collection[str] = (),
        refusals: Mapping[int, type[Refused]] = REFUSALS,
    ) -> None:
        self._label = label
        self._base = httpx.URL(base_url.rstrip("/"))
        self._result_hosts = frozenset(result_hosts)
        self._refusals = refusals
        self._private = context.allow_private_hosts
        self._orders = for_orders(context.transport, context.patience, allow_private_hosts=self._private)
        self._questions = for_questions(context.transport, context.patience, allow_private_hosts=self._private)

    @property
    def host(self) -> str:
        """The host that the key goes to, and no other."""
        return self._base.host

    def close(self) -> None:
        """Close all connections; the client is of no use afterwards."""
        self._orders.close()
        self._questions.close()

    def order(
        self, path: str, body: Mapping[str, Any], key: Secret, *, hidden: Collection[Secret] = ()
    ) -> dict[str, Any]:
        """POST a request that costs money, once, and return the reply, without the key and what else is *hidden*.

        Raises `Unsent`, `Refused` or `Uncertain`; `Outdated` for a redirect, which is not followed.
        """
        secrets = [key, *hidden, *secrets_in(body)]
        request = self._request(self._orders, "POST", path, key, body)
        try:
            answer = _without(exchange(self._orders, request), [key, *hidden])
        except _CERTAINLY_UNSENT as error:
            raise Unsent(f"{self._label} could not be reached. Nothing was sent.", raw=_words(error, secrets)) from None
        except (httpx.HTTPError, BadAnswer) as error:
            raise Uncertain(f"The answer from {self._label} got lost.", raw=_words(error, secrets)) from None
        document = self._document(answer, secrets, list(_field_names(body)))
        if 300 <= answer.status < 400:
            raise Outdated(self._moved(), raw=_words(answer.text, secrets))
        if not answer.is_good or not isinstance(document, dict):
            raise Uncertain(f"The answer from {self._label} made no sense.", raw=_words(answer.text, secrets))
        return document

    def ask(
        self,
        path: str,
        key: Secret,
        *,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
        hidden: Collection[Secret] = (),
    ) -> dict[str, Any] | list[Any]:
        """Ask something that costs nothing and may be asked again, and return the answer without the key and what else
        is *hidden*. Raises `Unavailable` or `Refused`."""
        secrets = [key, *hidden, *secrets_in(body)]
        try:
            request = self._request(self._questions, method, path, key, body)
            answer = _without(exchange(self._questions, request), [key, *hidden])
        except (httpx.HTTPError, BadAnswer, Unsent) as error:
            raise Unavailable(f"{self._label} did not answer.", raw=_words(error, secrets)) from None
        document = self._document(answer, secrets)
        if 300 <= answer.status < 400:
            raise Unavailable(self._moved(), raw=_words(answer.text, secrets))
        if not answer.is_good or document is None:
            raise Unavailable(f"The answer from {self._label} made no sense.", raw=_words(answer.text, secrets))
        return document

    def download(
        self, url: str, *, limit_bytes: int, offset: int = 0, validator: str = "", hosts: Collection[str] = ()
    ) -> Download:
        """Open the result at *url*, without any key, from byte *offset* on.

        *limit_bytes* bounds the whole file. *validator* is the one of the `Download` that is continued, so that a file
        that changed meanwhile starts anew: look at the new `Download.offset`. *hosts* are allowed besides the
        provider's own result hosts. Raises `NotThere` (expired), `HostRefused`, `Refused` (redirect, too big) or
        `Unavailable`; the last two also while chunks are read.
        """
        try:
            address = httpx.URL(url)
            host = address.raw_host.decode("ascii").lower()
            safe = self._is_safe(address)  # a host like `xn--.example.com` is decoded here, and only then unreadable
        except (httpx.InvalidURL, TypeError, ValueError):
            raise Refused("The result has an unreadable address.") from None
        at_the_api = self._private and host == self._base.host
        said = f"The result lies on a host that {self._label} does not use. It was not fetched."
        if not safe:
            raise Refused(said)
        if not (at_the_api or is_on(host, self._result_hosts | frozenset(hosts))):
            raise HostRefused(said, host=host)
        return open_download(self._questions, address, limit_bytes=limit_bytes, offset=offset, validator=validator)

    def _request(
        self, client: httpx.Client, method: str, path: str, key: Secret, body: Mapping[str, Any] | None
    ) -> httpx.Request:
        headers = {"Accept": "application/json"}
        if key.reveal() and not _KEY.fullmatch(key.reveal()):
            raise KeyRefused(f"This is not a key of {self._label}: it has spaces or special characters.")
        if key.reveal():
            headers["Authorization"] = f"Bearer {key.reveal()}"
        if body is None:
            return client.build_request(method, self._api_address(path), headers=headers)
        try:
            content = json.dumps(body, allow_nan=False).encode()
        except ValueError:
            raise Unsent("A number in the order is not a number. Nothing was sent.") from None
        headers["Content-Type"] = "application/json"
        return client.build_request(method, self._api_address(path), content=content, headers=headers)

    def _api_address(self, path: str) -> httpx.URL:
        """The URL of *path*, certainly on the provider's own host, where the key may go."""
        try:
            address = httpx.URL(f"{self._base}{path}")
            safe = self._is_safe(address)
        except (httpx.InvalidURL, ValueError):
            raise Unsent("This is not an address we can ask.") from None
        same = (address.scheme, address.netloc) == (self._base.scheme, self._base.netloc)
        if not path.startswith("/") or not same or not safe:
            raise Unsent("This address is not the provider's. Nothing was sent.")
        return address

    def _is_safe(self, address: httpx.URL) -> bool:
        if address.userinfo or not address.host:
            return False
        return self._private or (address.scheme == "https" and address.port in {None, 443})

    def _moved(self) -> str:
        return f"{self._label} wants to be asked elsewhere than we know. Likeness needs an update."

    def _document(
        self, answer: Answer, secrets: Sequence[Secret], sent: Collection[str] = ()
    ) -> dict[str, Any] | list[Any] | None:
        """The JSON of *answer*, None when it has none. Raises `Refused` when the answer is a refusal."""
        try:
            document = strict_json.parse(answer.content)
        except ValueError:
            document = None
        if means := self._refusals.get(answer.status):
            safe, raw = redacted(document, secrets), _words(answer.text, secrets)
            raise refusal(means, self._label, answer.retry_after, safe, raw, sent)
        return document


def _without(answer: Answer, hidden: Iterable[Secret]) -> Answer:
    return replace(answer, content=reduce(without_key, hidden, answer.content))


def _words(cause: Exception | str, secrets: Sequence[Secret]) -> str:
    """*cause* in words that may be stored and shown to admins."""
    text = cause if isinstance(cause, str) else f"{type(cause).__name__}: {cause}"
    return redacted_text(text, secrets)


def _field_names(body: object) -> Iterator[str]:
    """The names of the fields of a request that hold a value, those of the parts included, the parts themselves not."""
    if isinstance(body, Mapping):
        for name, inner in body.items():
            below = list(_field_names(inner))
            yield from below or [name]
    elif isinstance(body, list):
        for inner in body:
            yield from _field_names(inner)
