"""The pages for when something is wrong."""

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse

from dashboard.views import errors
from tests.conftest import client_of, without_tokens

BIG = "x" * 30_000_000


def test_what_is_not_there_gets_a_page_in_words(client, db):
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_another_workspace_and_none_look_the_same(as_vic, elsewhere):
    foreign, missing = (as_vic.get(reverse("team", args=[slug])) for slug in ("elsewhere", "no-such"))
    assert foreign.status_code == missing.status_code == 404
    assert without_tokens(foreign) == without_tokens(missing)


def test_a_role_that_is_not_enough_gets_a_page_in_words(as_vic):
    answer = as_vic.get(reverse("workspace_settings", args=["studio"]))
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_an_old_form_is_refused_in_words(vic):
    client = Client(enforce_csrf_checks=True)
    client.force_login(vic)
    answer = client.post(reverse("leave", args=["studio"]))
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_thirty_megabytes_of_text_are_refused_in_words(as_vic, kind):
    body = (
        f"name={BIG}"
        if "url" in kind
        else f'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n{BIG}\r\n--x--\r\n'
    )
    answer = as_vic.generic("POST", reverse("workspace_new"), body, content_type=kind)
    assert answer.status_code == 400
    assert "more than we take at once" in answer.content.decode()


def test_too_many_fields_are_refused(as_vic):
    assert as_vic.post(reverse("workspace_new"), {f"f{n}": "" for n in range(2000)}).status_code == 400


def test_a_wrong_host_is_refused(client, db):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_broken_view_gets_a_page_with_a_number_to_quote(vic, settings, monkeypatch):
    def broken(*args):
        raise DatabaseError("the database is away")

    client = client_of(vic)
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    answer = client.get(reverse("team", args=["studio"]))
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()


def test_b07_the_page_for_our_own_faults_asks_the_database_nothing(django_assert_num_queries):
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_b07_the_page_for_our_own_faults_works_without_collected_static_files(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = "/nonexistent"
    assert "Something went wrong" in errors.server_error(RequestFactory().get("/")).content.decode()


@pytest.mark.parametrize(
    ("offered", "kept"), [("abcdef-123456", True), ("x", False), ("a\tb" * 9, False), ("é" * 9, False)]
)
def test_a_request_keeps_the_name_its_proxy_gave_it_when_that_is_one(client, db, offered, kept):
    answer = client.get("/nothing/", headers={"X-Request-ID": offered})
    assert (answer.headers["X-Request-ID"] == offered) is kept
