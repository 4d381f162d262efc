"""Pages that ask for changes hear "nothing new" from Redis alone, and only those who were shown the page."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client, RequestFactory

from dashboard.models import Workspace
from jobs import page_polling, versions

pytestmark = pytest.mark.django_db(transaction=True)


def address_for(client: Client, studio: Workspace, since: int) -> str:
    """The address a page gives to *client*, made as a view makes it."""
    request = RequestFactory().get("/")
    request.workspace = studio
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return page_polling.poll_address(request, "job_changes", since=since)


def with_part(address: str, name: str, value: str) -> str:
    parts = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    return f"{urlsplit(address).path}?{urlencode({**parts, name: value})}"


@pytest.fixture
def version(studio: Workspace, redis: str) -> int:
    return versions.touch(studio)


def test_nothing_new_takes_no_query(as_mara, studio, version, django_assert_num_queries):
    address = address_for(as_mara, studio, version)
    with django_assert_num_queries(0):
        response = as_mara.get(address)
    assert response.status_code == 204
    assert response.headers["Cache-Control"] == "no-store"


def test_nothing_new_is_at_most_300_bytes(as_mara, studio, version):
    response = as_mara.get(address_for(as_mara, studio, version))
    assert len(response.content) == 0
    assert len(response.serialize_headers()) + len("HTTP/1.1 204 No Content") <= 300


def test_a_raised_version_is_noticed(as_mara, studio, version):
    address = address_for(as_mara, studio, version)
    versions.touch(studio)
    assert as_mara.get(address).status_code == 200


def test_an_address_given_to_another_session_is_worth_nothing(as_mara, as_sam, studio, version):
    assert as_sam.get(address_for(as_mara, studio, version)).status_code == 404


def test_after_signing_out_the_page_is_sent_to_sign_in(as_mara, studio, version):
    address = address_for(as_mara, studio, version)
    as_mara.cookies.pop(settings.SESSION_COOKIE_NAME)
    response = as_mara.get(address, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response.headers["HX-Redirect"].startswith("/account/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workspace", "999"),
        ("workspace", "\udcff\x00"),
        ("poll_token", ""),
        ("poll_token", "0:" + "0" * 43),
        ("poll_token", "²:\udcff\x00"),
        ("poll_token", ":" * 9),
    ],
)
def test_a_changed_address_is_not_believed(as_mara, studio, version, name, value):
    address = with_part(address_for(as_mara, studio, version), name, value.encode("utf-8", "replace").decode())
    assert as_mara.get(address).status_code == 200


def test_the_token_is_for_one_address_only(as_mara, studio, version):
    parts = urlsplit(address_for(as_mara, studio, version))
    assert as_mara.get(f"/w/{studio.slug}/jobs/?{parts.query}").status_code == 200


def test_the_token_ends_after_a_minute(as_mara, studio, version):
    with time_machine.travel("2026-01-01 12:00:00+00:00", tick=False) as clock:
        address = address_for(as_mara, studio, version)
        clock.shift(page_polling.TOKEN_SECONDS - 1)
        assert as_mara.get(address).status_code == 204
        clock.shift(2)
        assert as_mara.get(address).status_code == 200


def test_a_changed_secret_key_still_believes_tokens_signed_with_the_old_one(as_mara, studio, version, settings):
    address = address_for(as_mara, studio, version)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    page_polling._signer.cache_clear()
    try:
        assert as_mara.get(address).status_code == 204
    finally:
        page_polling._signer.cache_clear()


def test_without_redis_the_database_knows(as_mara, studio, settings):
    settings.REDIS_URL = ""
    studio.refresh_from_db()
    assert as_mara.get(address_for(as_mara, studio, studio.version)).status_code == 204


@pytest.mark.parametrize("since", ["", "-1", "x", "9" * 40, "1.5", "\x00"])
def test_a_senseless_version_is_older_than_all(as_mara, studio, version, since):
    assert as_mara.get(with_part(address_for(as_mara, studio, version), "since", since)).status_code == 200
