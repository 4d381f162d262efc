"""What the client makes of every way a provider can answer, or not answer."""

import gzip
import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Secret
from jobs.providers.errors import (
    InvalidOrder,
    KeyRefused,
    NoCredit,
    NotThere,
    Outdated,
    Refused,
    TooMany,
    Unavailable,
    Uncertain,
    Unsent,
)
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.refusals import REFUSALS
from tests.providers.kit.calls import KEY, answering, asked, failing, http_over, ordered
from tests.providers.kit.loopback import mock_transport


def test_an_order_carries_key_and_json_and_returns_the_reply() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer dl-very-secret-key"
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.content) == {"steps": 1200}
        return httpx.Response(200, json={"job_id": "db_1"})

    assert http_over(answer).order("/train", {"steps": 1200}, KEY) == {"job_id": "db_1"}


def test_a_base_url_with_a_path_keeps_it() -> None:
    http = GuardedClient("RunPod", "https://api.example.com/v2/x/", Context(transport=mock_transport(_echo_path)))
    assert http.ask("/status/1", KEY) == {"path": "/v2/x/status/1"}


def _echo_path(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.path})


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
)
def test_p01_an_order_that_found_no_connection_is_unsent(error: httpx.HTTPError) -> None:
    assert type(ordered(failing(error))) is Unsent


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("disconnected"),
        httpx.LocalProtocolError("odd"),
        httpx.CloseError("odd"),
    ],
)
def test_p02_p03_an_order_whose_answer_got_lost_is_uncertain(error: httpx.HTTPError) -> None:
    assert type(ordered(failing(error))) is Uncertain


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>ok</html>", b'{"job_id": "db_1"', b'["db_1"]', b'"db_1"', b"null", b'{"a":NaN}', b"\xff\xfe{}"],
)
def test_p04_an_order_with_an_unreadable_answer_is_uncertain(body: bytes) -> None:
    error = ordered(answering(200, body))
    assert type(error) is Uncertain
    assert error.raw == body.decode("utf-8", "replace")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_p05_a_redirected_order_is_uncertain_outdated_and_not_followed(status: int) -> None:
    requests = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, headers={"Location": "https://evil.test/"})

    assert type(ordered(http_over(answer))) is Outdated
    assert issubclass(Outdated, Uncertain)
    assert len(requests) == 1


@pytest.mark.parametrize("location", ["https://xn--.amazonaws.com/x", "https://[::1/x", "https://a:b/", "//xn--a/"])
def test_p05_a_redirect_to_no_address_at_all_is_one_like_any_other(location: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers={"Location": location})

    assert type(ordered(http_over(answer))) is Outdated
    assert type(asked(http_over(answer))) is Unavailable


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidOrder), (401, KeyRefused), (403, NoCredit), (404, NotThere), (422, InvalidOrder), (429, TooMany)],
)
def test_p06_to_p11_a_refusal_is_certain(status: int, kind: type[Refused]) -> None:
    assert type(ordered(answering(status))) is kind
    assert type(asked(answering(status))) is kind


@pytest.mark.parametrize("status", [402, 405, 406, 408, 409, 410, 413, 418, 423, 425, 500, 502, 503, 504, 599])
def test_p12_after_any_other_status_an_order_is_uncertain_and_a_question_unanswered(status: int) -> None:
    assert type(ordered(answering(status))) is Uncertain
    assert type(asked(answering(status))) is Unavailable


@pytest.mark.parametrize(
    ("status", "kind"), [(402, NoCredit), (409, Refused), (413, InvalidOrder), (415, InvalidOrder)]
)
def test_p07_p10_a_provider_says_itself_what_else_is_a_refusal(status: int, kind: type[Refused]) -> None:
    http = answering(status, {"detail": "no"}, refusals={**REFUSALS, status: kind})
    assert type(ordered(http)) is kind
    assert type(asked(http)) is kind


@pytest.mark.parametrize("status", REFUSALS)
def test_p12_what_is_no_refusal_by_a_provider_s_own_table_is_uncertain(status: int) -> None:
    http = answering(status, refusals={})
    assert type(ordered(http)) is Uncertain
    assert type(asked(http)) is Unavailable


@pytest.mark.parametrize(
    ("detail", "sentence", "fields"),
    [
        (
            [{"loc": ["body", "dreambooth", "steps"], "msg": "too many", "type": "value_error"}],
            "dreamlook will not take these values.",
            {"steps": "too many"},
        ),
        ([{"loc": ["body", "image_urls", 3], "msg": "not found"}], None, {"image_urls": "not found"}),
        ([{"loc": ["body"], "msg": "empty"}, "and more"], "empty and more", {}),
        ("bad order", "bad order", {}),
        ({"message": "bad order"}, "bad order", {}),
        ([None, 3, {"loc": "steps", "msg": 5}, {"loc": [1], "msg": ["x"]}], None, {}),
        (17, None, {}),
        (None, None, {}),
    ],
)
def test_p09_an_invalid_order_names_its_fields(detail: object, sentence: str | None, fields: dict[str, str]) -> None:
    error = ordered(answering(422, {"detail": detail}))
    assert isinstance(error, InvalidOrder)
    assert error.fields == fields
    assert error.sentence == (sentence or "dreamlook will not take these values.")


@pytest.mark.parametrize(
    ("loc", "field"),
    [
        (["body", "dreambooth", "steps", "constrained-int"], "steps"),
        (["body", "image_gen", 0, "width"], "width"),
        (["body", "image_gen", 0, "prompt"], "prompt"),
        (["body", "dreambooth", "instance_prompt"], "instance_prompt"),
    ],
)
def test_p09_a_complaint_is_about_the_last_field_that_was_sent(loc: list[object], field: str) -> None:
    body = {"dreambooth": {"steps": 5}, "image_gen": [{"width": 7}]}
    with pytest.raises(InvalidOrder) as caught:
        answering(422, {"detail": [{"loc": loc, "msg": "no"}]}).order("/train", body, KEY)
    assert caught.value.fields == {field: "no"}


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7), ("0", 1), ("-1", 1), ("1e9", 900), ("inf", 900), ("-inf", 1), ("  30 ", 30), ("2.5", 2.5)],
)
def test_p11_retry_after_is_kept_between_a_second_and_a_quarter_of_an_hour(header: str, wait: float) -> None:
    error = ordered(answering(429, None, **{"Retry-After": header}))
    assert isinstance(error, TooMany)
    assert error.wait == wait


def test_p11_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    error = ordered(answering(429, None, **{"Retry-After": date}))
    assert isinstance(error, TooMany)
    assert 110 < error.wait <= 120


@pytest.mark.parametrize("header", ["soon", "", "nan", "Mon, 99 Foo", "9" * 400 + "x"])
def test_p11_without_a_usable_retry_after_the_wait_is_drawn(header: str) -> None:
    error = ordered(answering(429, None, **{"Retry-After": header}))
    assert isinstance(error, TooMany)
    assert 15 <= error.wait <= 60


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_p20_a_question_without_an_answer_is_unavailable(error: httpx.HTTPError) -> None:
    assert type(asked(failing(error))) is Unavailable


def test_p22_an_endless_answer_is_left_after_five_megabytes() -> None:
    read = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self):
            nonlocal read
            while True:
                read += 65536
                yield b" " * 65536

    http = http_over(lambda _: httpx.Response(200, stream=Endless()))
    assert type(asked(http)) is Unavailable
    assert read <= 6 * 1024 * 1024
    assert type(ordered(http)) is Uncertain


def test_p22_a_packed_answer_is_unpacked_to_the_same_limit() -> None:
    small = gzip.compress(b'{"job_id": "db_1"}')
    packed = {"Content-Encoding": "gzip"}
    assert answering(200, small, **packed).ask("/jobs", KEY) == {"job_id": "db_1"}
    bomb = gzip.compress(b" " * 50_000_000)
    assert type(asked(answering(200, bomb, **packed))) is Unavailable
    assert type(ordered(answering(200, b"not gzip", **packed))) is Uncertain
    assert type(ordered(answering(200, small, **{"Content-Encoding": "br"}))) is Uncertain


def test_a_key_that_no_header_can_carry_is_refused_here() -> None:
    for text in ("two words", "line\r\nHost: evil", "schlüssel", "\x00"):
        with pytest.raises(KeyRefused):
            answering(200, {}).order("/train", {}, Secret(text))


def test_a_number_that_json_does_not_have_is_never_sent() -> None:
    with pytest.raises(Unsent):
        answering(200, {}).order("/train", {"learning_rate": float("nan")}, KEY)


def test_r8_no_secret_is_in_what_is_raised_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = b'{"detail": "key dl-very-secret-key for https://us.example/callback/token-1234 token-1234"}'
    for status in (200, 401, 422, 500):
        error = ordered(answering(status, b"x" + echo if status == 200 else echo))
        assert "dl-very-secret-key" not in error.raw
        assert "callback/token-1234" not in error.raw
        assert "dl-very-secret-key" not in repr(error)
    assert "dl-very-secret-key" not in caplog.text
