"""What every provider in the registry keeps to."""

import re

import pytest

from jobs.providers.base import Capability, Provider
from jobs.providers.context import Context
from jobs.providers.errors import Refused
from jobs.providers.registry import PROVIDERS, load, secret_shapes


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> Provider:
    return load(request.param, Context())


def test_one_that_needs_a_key_says_what_its_keys_look_like_and_where_they_go(provider: Provider) -> None:
    if provider.can(Capability.NEEDS_KEY):
        assert provider.secret_shapes
        assert provider.key_host
    assert set(provider.secret_shapes) <= set(secret_shapes())


def test_the_shape_fits_a_key_as_the_help_describes_it(provider: Provider) -> None:
    if begins := re.search(r"begins with (\S+?)\.$", provider.key_help):
        key = f"{begins[1]}0123456789abcdef"
        assert any(re.fullmatch(shape, key) for shape in provider.secret_shapes)


def test_what_it_calls_a_refusal_is_one(provider: Provider) -> None:
    assert all(issubclass(kind, Refused) for kind in provider.refusals.values())
    assert all(400 <= status < 500 for status in provider.refusals)
