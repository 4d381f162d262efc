"""Nobody can add an address and forget to say who may open it."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, include, path, resolve

from dashboard.access import THIRD_PARTY_POLICIES, everybody, members, policy_of
from dashboard.models import Role

OPEN_TO_EVERYBODY = {
    "home",
    "first_run",
    "join",
    "live",
    "ready",
    "callback",
    "granted_file",
    "photo_request",
    "photo_request_upload",
    "photo_request_changes",
    "photo_request_remove",
    "photo_request_withdraw",
    "admin_sign_in",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
"""What somebody who is not signed in may open: whoever adds to it has thought about it."""


def addresses(patterns: list[URLPattern | URLResolver], place: str = "", space: str = "") -> Iterator[tuple[str, ...]]:
    """For every address below *patterns*: where it is, its name or namespace, and its policy or nothing."""
    for pattern in patterns:
        here = place + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here, space or pattern.namespace or "")
        else:
            name = space or pattern.name or ""
            yield here, name, policy_of(pattern.callback) or THIRD_PARTY_POLICIES.get(name, "")


def everything() -> list[tuple[str, ...]]:
    return list(addresses(get_resolver().url_patterns))


def without_policy() -> list[str]:
    return [place for place, _, policy in everything() if not policy]


def test_every_address_declares_who_may_open_it():
    assert len(everything()) > 60
    assert without_policy() == []


def test_nothing_is_open_to_everybody_that_is_not_meant_to_be():
    assert {name for _, name, policy in everything() if policy == "everybody"} == OPEN_TO_EVERYBODY


def test_every_address_of_a_workspace_is_for_members_of_a_role():
    policies = {policy for place, _, policy in everything() if place.startswith("w/")}
    assert policies <= {f"members: {role}" for role in Role}


def test_only_addresses_of_a_workspace_are_for_members():
    assert [place for place, _, policy in everything() if policy.startswith("members") and place[:2] != "w/"] == []


def test_libraries_views_are_only_the_ones_we_know():
    used = {name for _, name, _ in everything() if name in THIRD_PARTY_POLICIES}
    assert used == set(THIRD_PARTY_POLICIES)


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to the world")


@everybody
def remembered(request: HttpRequest) -> HttpResponse:
    return HttpResponse("meant to be open")


@members(Role.VIEWER)
def for_members(request: HttpRequest) -> HttpResponse:
    return HttpResponse("for members")


@pytest.fixture
def house_with_an_open_door() -> Iterator[None]:
    house = ModuleType("house")
    inner = [path("back/", forgotten, name="back")]
    house.urlpatterns = [path("front/", remembered), path("w/<slug:workspace>/", for_members), path("", include(inner))]
    with override_settings(ROOT_URLCONF=house):
        yield


def test_an_address_without_a_policy_is_found(house_with_an_open_door: None):
    assert resolve("/back/").func is forgotten
    assert without_policy() == ["back/"]
