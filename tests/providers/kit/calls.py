"""The client over an answer that a test makes up."""

import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Secret
from jobs.providers.errors import ProviderError, Refused
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.refusals import REFUSALS
from tests.providers.kit.loopback import mock_transport

KEY = Secret("dl-very-secret-key")
Handler = Callable[[httpx.Request], httpx.Response]
Refusals = Mapping[int, type[Refused]]


def http_over(handler: Handler, refusals: Refusals = REFUSALS) -> GuardedClient:
    context = Context(transport=mock_transport(handler))
    return GuardedClient("dreamlook", "https://api.example.com", context, refusals=refusals)


def answering(status: int, body: object = None, refusals: Refusals = REFUSALS, **headers: str) -> GuardedClient:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http_over(lambda _: httpx.Response(status, content=content, headers=headers), refusals)


def failing(error: Exception) -> GuardedClient:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return http_over(fail)


def ordered(http: GuardedClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        http.order("/train", {"callback": "https://us.example/callback/token-1234"}, KEY)
    return caught.value


def asked(http: GuardedClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        http.ask("/jobs", KEY)
    return caught.value
