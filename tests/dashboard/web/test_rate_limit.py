"""Whom a limit counts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import RequestFactory

from dashboard.models import RateCount
from dashboard.web.client_address import address_of
from dashboard.web.rate_limit import within

pytestmark = pytest.mark.services

REAL, PROXY = "203.0.113.9", "172.18.0.1"


def asked(said, proxies, settings, by=PROXY):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if said is None else {"X-Forwarded-For": said}
    return address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=by))


@pytest.mark.parametrize(
    ("said", "proxies", "address"),
    [
        (REAL, 0, PROXY),
        (REAL, -1, PROXY),
        (None, 1, PROXY),
        (REAL, 1, REAL),
        (f"1.1.1.1, {REAL}", 1, REAL),
        (f"1.1.1.1,{REAL} , 10.0.0.2", 2, REAL),
        (REAL, 2, REAL),  # an inner proxy was asked without the outer one
        (f"{REAL}:51234", 1, REAL),
        ("unknown", 1, PROXY),
        ("1.1.1.1, ", 1, PROXY),
        ("\x00, [::", 1, PROXY),
    ],
)
def test_only_what_our_proxies_wrote_counts(said, proxies, address, settings):
    assert asked(said, proxies, settings) == address


@pytest.mark.parametrize("said", ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "[2001:db8:1:2::7]:443"])
def test_a_network_of_ipv6_is_one_asker(said, settings):
    assert asked(said, 1, settings) == "2001:db8:1:2::"


def test_ipv4_in_the_clothes_of_ipv6_is_no_network(settings):
    assert asked(None, 0, settings, by="::ffff:203.0.113.9") == REAL


def test_a_server_on_a_socket_knows_no_address(settings):
    assert asked(None, 0, settings, by="") == ""


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_no_more_pass_than_may():
    def ask(_: int) -> bool:
        try:
            return within("crowd", 20, seconds=10**9)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(ask, range(60))) == 20


@pytest.mark.django_db
def test_counts_of_times_that_are_over_are_not_kept():
    RateCount.objects.create(name="long ago", count=9, until=5)
    assert within("now", 1, seconds=60)
    assert [row.name.partition(":")[0] for row in RateCount.objects.all()] == ["now"]
