"""How long somebody stays signed in."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.models import Installation
from dashboard.web.sessions import SessionStore
from dashboard.worker.tasks import heartbeat
from tests.conftest import PASSWORD, client_of

pytestmark = pytest.mark.services

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
TEAM = "/w/studio/team/"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def signed_in(clock, jon):
    return client_of(jon)


def is_in(client):
    return client.get(TEAM).status_code == 200


def writes_of(client, address):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(address)
    return [query["sql"] for query in queries if "UPDATE" in query["sql"] and "django_session" in query["sql"]]


def test_twelve_hours_without_use_end_a_session(signed_in, clock):
    clock.move_to(START + timedelta(hours=11, minutes=59))
    assert is_in(signed_in)
    clock.shift(timedelta(hours=12, seconds=1))
    assert not is_in(signed_in)


def test_fourteen_days_end_it_however_much_it_is_used(signed_in, clock):
    for _ in range(14 * 24 // 8 - 1):
        clock.shift(timedelta(hours=8))
        assert is_in(signed_in)
    clock.move_to(START + timedelta(days=14, seconds=1))
    assert not is_in(signed_in)


def test_a_new_password_does_not_begin_the_fourteen_days_anew(signed_in, clock, jon):
    clock.shift(timedelta(hours=8))
    new = {"oldpassword": PASSWORD, "password1": "another good horse", "password2": "another good horse"}
    assert signed_in.post(reverse("account_change_password"), new).status_code == 302
    assert signed_in.session["began"] == START.timestamp()


def test_the_cookie_lives_for_the_longest(clock, client, jon):
    Installation.objects.create(owner_email=jon.email)
    answer = client.post(reverse("account_login"), {"login": jon.email, "password": PASSWORD})
    assert answer.cookies["session"]["max-age"] == 14 * 24 * 3600


def test_use_is_written_down_only_every_ten_minutes(signed_in, clock):
    signed_in.get(TEAM)
    clock.shift(timedelta(minutes=9))
    assert writes_of(signed_in, TEAM) == []
    clock.shift(timedelta(minutes=2))
    assert len(writes_of(signed_in, TEAM)) == 1
    assert writes_of(signed_in, TEAM) == []


def test_a_tab_that_only_refreshes_itself_does_not_count_as_use(signed_in, clock):
    signed_in.get(TEAM)
    for _ in range(3):
        clock.shift(timedelta(hours=5))
        signed_in.get("/w/studio/jobs/changes/?since=1&workspace=1&poll_token=x")
    assert not is_in(signed_in)


def test_u07_a_tab_whose_session_ended_goes_to_sign_in_and_shows_no_form_inside_a_card(signed_in, clock):
    clock.shift(timedelta(hours=13))
    answer = signed_in.get(TEAM, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{TEAM}"})
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?next={TEAM}"
    assert not answer.content


def test_writing_down_does_not_revive_a_session_that_was_ended_meanwhile(signed_in, clock):
    store = SessionStore(signed_in.cookies["session"].value)
    store.load()
    clock.shift(timedelta(hours=1))
    Session.objects.all().delete()
    store.keep()
    assert not Session.objects.exists()


def test_b09_a_database_that_takes_no_writes_still_shows_pages(signed_in, clock):
    def refuse(execute, sql, params, many, context):
        if sql.startswith('UPDATE "django_session"'):
            raise DatabaseError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    signed_in.get(TEAM)
    clock.shift(timedelta(hours=1))
    with connection.execute_wrapper(refuse):
        assert is_in(signed_in)


def test_sessions_that_are_over_are_forgotten(signed_in, clock):
    clock.shift(timedelta(hours=13))
    heartbeat()
    assert not Session.objects.exists()
