"""The pages for when something is wrong."""

import errno

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from dashboard.models import Installation
from dashboard.views import errors
from dashboard.web import full_disk as web_full_disk
from tests.conftest import PASSWORD, client_of, without_tokens

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


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("likeness.lan", "ALLOWED_HOSTS=likeness.lan<"),
        ("192.168.1.20:8000", "PUBLIC_URL=https://192.168.1.20:8000<"),
        ("<b>evil</b>", "ALLOWED_HOSTS=studio.example<"),
    ],
)
def test_a_host_that_is_not_known_is_refused_with_the_setting_that_names_it(client, db, host, said):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "<b>evil" not in answer.content.decode()


def test_a_form_that_comes_by_another_address_is_refused_with_the_setting_that_names_it(db):
    client = Client(enforce_csrf_checks=True)
    token = client.get("/welcome/").cookies["csrf"].value
    origin = {"Origin": "https://studio.example", "X-Forwarded-Proto": "https"}
    answer = client.post("/welcome/", {"csrfmiddlewaretoken": token}, headers=origin)
    assert answer.status_code == 403
    assert "PUBLIC_URL=https://studio.example<" in answer.content.decode()
    assert "signed in or out" not in answer.content.decode()


def test_an_address_that_is_none_is_not_repeated(db):
    answer = Client(enforce_csrf_checks=True).post("/welcome/", headers={"Origin": "https://x.example/<b>evil"})
    assert answer.status_code == 403
    assert "evil" not in answer.content.decode()


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


@pytest.fixture
def full_disk(monkeypatch, db):
    """No room on the disk: whatever the database is to write, it refuses."""
    Installation.objects.create(owner_email="jon@example.com")
    monkeypatch.setattr(web_full_disk, "LEAST", 1 << 60)

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_b09_on_a_full_disk_the_first_sign_in_says_so_and_not_too_many_tries(client, vic, full_disk):
    client.raise_request_exception = False
    answer = client.post(reverse("account_login"), {"login": vic.email, "password": PASSWORD})
    assert answer.status_code == 507
    assert "no room left on this server’s disk" in answer.content.decode()


def test_b09_on_a_full_disk_what_is_sent_is_refused_in_the_same_sentence(as_mara, full_disk):
    as_mara.raise_request_exception = False
    answer = as_mara.post(reverse("photo_set_new", args=["studio"]), {"name": "x", "subject": "pet"})
    assert answer.status_code == 507
    assert "nothing of this was saved" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (OperationalError("database or disk is full"), True),
        (OperationalError('could not extend file "base/1": No space left on device'), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OperationalError("database is locked"), False),
        (OSError(errno.EACCES, "Permission denied"), False),
        (ValueError("disk is full"), False),
    ],
)
def test_b09_a_full_disk_is_told_from_other_faults(error, is_so):
    assert web_full_disk.is_reason(error) == is_so
    outer = RuntimeError()
    outer.__cause__ = error
    assert web_full_disk.is_reason(outer) == is_so
