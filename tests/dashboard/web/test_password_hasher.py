"""A crowd that signs in leaves the processors to those who work."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from threading import BoundedSemaphore, Event

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password

from dashboard.web import password_hasher
from dashboard.web.password_hasher import TooManySignIns

pytestmark = pytest.mark.services
OURS = ["dashboard.web.password_hasher.PatientHasher"]


def test_a_password_is_kept_as_django_keeps_it(settings):
    theirs = PBKDF2PasswordHasher().encode("three quiet words", "salt", 10)
    settings.PASSWORD_HASHERS = OURS
    assert check_password("three quiet words", theirs, setter=None)
    assert make_password("x").startswith("pbkdf2_sha256$")


def test_a_few_passwords_are_hashed_at_once_some_wait_and_the_rest_come_again(settings, monkeypatch):
    settings.PASSWORD_HASHERS = OURS
    go, begun = Event(), []

    def slow(*_: object) -> str:
        begun.append(1)
        assert go.wait(60)
        return "done"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", slow)
    monkeypatch.setattr(password_hasher, "_in_line", BoundedSemaphore(3))
    monkeypatch.setattr(password_hasher, "_hashing", BoundedSemaphore(1))
    with ThreadPoolExecutor(8) as crowd:
        tries = [crowd.submit(make_password, "x") for _ in range(8)]
        refused = [one.exception() for one in islice(as_completed(tries, timeout=60), 5)]  # the others wait
        assert len(begun) <= 1
        go.set()
    assert {type(error) for error in refused} == {TooManySignIns}
    assert [one.result() for one in tries if one.exception() is None] == ["done"] * 3
    assert make_password("y") == "done"
