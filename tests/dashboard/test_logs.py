"""What is logged says which request it was, and never a secret."""

import json
import logging
import time

import pytest
from django.core.exceptions import BadRequest
from django.test import Client
from django.urls import reverse

from dashboard import logs
from dashboard.redaction import redacted_text
from tests.conftest import client_of

SECRET = "s3cr3t-Value_of.Somebody"


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("likeness", logging.ERROR, __file__, 1, message, values, None)


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
        f"GET https://bucket.example/a.png?X-Amz-Signature={SECRET}&x=1",
        f"https://bucket.example/a?AWSAccessKeyId={SECRET}",
        f"?hf_token={SECRET}",
        f'{{"key": "{SECRET}"}}',
        f"{{'hf_token': '{SECRET}'}}",
        f"""{{'password': "it's {SECRET}"}}""",
        f'{{"secret": "a \\"quoted\\" {SECRET}"}}',
        f"redis://user:{SECRET}@host:6379/0",
        f"Forbidden (CSRF token missing): /join/{SECRET}/",
        f"Internal Server Error: /callbacks/{SECRET}/",
        f"Internal Server Error: /lent/{SECRET}/1.jpg",
        f"Internal Server Error: /m/1/2/{SECRET}/images/1/ab/abc.png",
        f"http://studio.example/account/password/reset/key/1-{SECRET}/",
        "tried hf_abcdefghijkl and dl-abcdefghijkl and rpa_abcdefghijkl".replace("abc", "s3cr3t"),
    ],
)
@pytest.mark.parametrize("form", [logs.TextFormatter, logs.JsonFormatter])
def test_no_line_holds_a_secret(line, form):
    assert "s3cr3t" not in form().format(record("%s", line))


def test_no_trace_holds_a_secret():
    try:
        int(f"Bearer {SECRET}")
    except ValueError as error:
        failed = logging.LogRecord("x", logging.ERROR, "", 1, "it broke", (), (ValueError, error, error.__traceback__))
    assert "ValueError" in logs.TextFormatter().format(failed)
    assert SECRET not in logs.TextFormatter().format(failed) + logs.JsonFormatter().format(failed)


@pytest.mark.parametrize("line", ["12 of 20 photos", "/w/studio/jobs/12/", "key 3 was tested", "no token is left"])
def test_ordinary_lines_stay_as_they_are(line):
    assert json.loads(logs.JsonFormatter().format(record(line)))["message"] == line


def test_what_is_logged_for_a_request_names_it(vic, monkeypatch, caplog):
    def broken(*args):
        raise OSError("away")

    client = client_of(vic)
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    lines: list[str] = []
    monkeypatch.setattr(caplog.handler, "emit", lambda record: lines.append(logs.TextFormatter().format(record)))
    answer = client.get(reverse("team", args=["studio"]))
    assert answer.status_code == 500
    assert any(f"[request {answer.headers['X-Request-ID']}]" in line for line in lines)


def test_a_link_that_lets_somebody_in_is_not_in_the_log(db, caplog):
    with caplog.at_level(logging.WARNING):
        Client(enforce_csrf_checks=True).post(reverse("join", args=[SECRET]))
    assert caplog.records
    assert all(SECRET not in logs.TextFormatter().format(each) for each in caplog.records)


@pytest.mark.parametrize("form", [logs.TextFormatter, logs.JsonFormatter])
def test_what_strangers_send_and_is_refused_takes_one_line(client, caplog, form):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    (refused,) = (entry for entry in caplog.records if entry.name == "django.security.DisallowedHost")
    assert refused.exc_info
    line = form().format(refused)
    assert "evil.example" in line
    assert "Traceback" not in line
    with pytest.raises(BadRequest) as raised:
        raise BadRequest("The request was cut off.")
    told = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "cut off", (), raised._excinfo)
    assert "Traceback" not in form().format(told)


@pytest.mark.parametrize("piece", ["a-", "a", "http://", "a://b:", "token_", "?token", "'key':'", "/ask/", "bearer "])
def test_a_line_takes_no_longer_than_its_length_whatever_a_stranger_puts_into_it(piece):
    started = time.process_time()
    redacted_text(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 2


def test_a_line_says_which_job_it_is_about_for_as_long_as_that_is_worked_on():
    record = logging.LogRecord("jobs", logging.INFO, __file__, 1, "Sent.", None, None)
    with logs.about_job(7):
        with logs.about_job(8):
            assert logs.TextFormatter().format(record).endswith("Sent. [job 8]")
        assert json.loads(logs.JsonFormatter().format(record))["job"] == 7
    assert logs.TextFormatter().format(record).endswith("Sent.")
