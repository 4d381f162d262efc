"""No secret survives in what we keep of a provider's answer."""

import json
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from dashboard.redaction import (
    MOST_REPEATED,
    declare,
    redacted,
    redacted_text,
    repeated_secrets,
    secrets_in,
    without_key,
)
from jobs.providers.credentials import Secret
from tests.properties import given, st

CANARY = "canary+key/with=signs"


def test_telling_keys_and_signed_urls_are_hidden_and_the_rest_stays() -> None:
    answer = {
        "job_id": "db_1",
        "config": {"callback": "https://us/c/1", "steps": 5, "hf_token": "hf_x", "tokens_left": 12, "dry_run": True},
        "s3Config": {"accessId": "A", "accessSecret": "B", "bucketName": "ours"},
        "urls": ["https://files.test/a.png?X-Amz-Signature=abc"],
    }
    assert redacted(answer) == {
        "job_id": "db_1",
        "config": {"callback": "***", "steps": 5, "hf_token": "***", "tokens_left": 12, "dry_run": True},
        "s3Config": {"accessId": "***", "accessSecret": "***", "bucketName": "ours"},
        "urls": ["https://files.test/a.png?***"],
    }


@pytest.mark.parametrize(
    "spelling",
    [
        CANARY,
        quote(CANARY, safe=""),
        CANARY.encode().hex(),
        CANARY.encode().hex().upper(),
        b64encode(CANARY.encode()).decode(),
        urlsafe_b64encode(CANARY.encode()).decode(),
    ],
)
def test_a_known_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    text = redacted_text(f"something {spelling} else", [Secret(CANARY)])
    assert spelling.rstrip("=") not in text
    assert text.startswith("something ***")


@pytest.mark.parametrize("spelled", [b"\\u0063anary-key", b"c\\u0061nary\\u002Dke\\u0079", b"\\\\\\u0063anary-key"])
def test_a_key_spelled_with_the_escapes_of_json_is_hidden(spelled: bytes) -> None:
    content = b'{"detail": "your key is ' + spelled + b'", "quote": "\\u0022, \\u005c, \\u000a, \\\\u0063"}'
    answer = without_key(content, Secret("canary-key"))
    assert b"key is " in answer
    assert b"anary" not in answer
    assert json.loads(answer)["quote"] == '", \\, \n, \\u0063'


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hush-hush",
        '{"hf_token": "hush-hush"}',
        "callback=hush-hush&x=1",
        "{'accessSecret': 'hush-hush'}",
        "https://files.test/x?sig=hush-hush",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert "hush-hush" not in redacted_text(text)


@given(st.text(min_size=4, alphabet=st.characters(min_codepoint=33, max_codepoint=126)), st.text())
def test_a_known_secret_never_survives(secret: str, around: str) -> None:
    if secret not in "***" and secret not in around:
        assert secret not in redacted_text(f"{around} {secret} {around}", [Secret(secret)]).replace(around, "")


def test_the_secrets_of_a_request_are_found_by_name() -> None:
    request = {
        "input": {"train": {"hf_token": "hf_1", "text_steps": 5}},
        "webhook": "https://us/c/2",
        "l": [{"secret": "s"}],
    }
    assert {secret.reveal() for secret in secrets_in(request)} == {"hf_1", "https://us/c/2", "s"}


def test_addresses_of_photos_and_their_unguessable_parts_are_secrets_of_a_request() -> None:
    part = "c0ffee" * 5
    body = {
        "image_urls": [f"https://us.example/p/{part}/photo-1.jpg"],
        "captions_file_url": f"https://us.example/{part}",
    }
    reply = {"image_urls": body["image_urls"], "detail": f"could not fetch {part} from https:\\/\\/us.example\\/{part}"}
    assert part not in str(redacted(reply, list(secrets_in(body))))
    assert redacted(reply)["image_urls"] == "***"


def test_a_callback_token_is_hidden_even_without_its_address() -> None:
    token = "tok" * 10
    secrets = list(secrets_in({"callback": f"https://us.example/callbacks/{token}/"}))
    assert redacted_text(f"no answer from {token}", secrets) == "no answer from ***"


LONG = 200_000
"""Characters: what takes a time that grows with the square of this takes minutes."""


@pytest.mark.parametrize(
    "piece", ["token", "token_", "tokentoken' ", "http://", "http://a?", "a://b:", "bearer ", "a-", "/"]
)
def test_no_answer_takes_longer_to_clean_than_its_length(piece: str) -> None:
    text = piece * (LONG // len(piece))
    started = time.process_time()
    redacted_text(text, [Secret(CANARY)])
    redacted({"detail": text})
    assert time.process_time() - started < 5


def test_of_a_reply_full_of_secrets_no_more_are_looked_for_than_an_order_has() -> None:
    reply = {"token": [f"secret-number-{number}" for number in range(100_000)], "s3Config": {"accessId": "last-one"}}
    assert len(repeated_secrets(reply)) == MOST_REPEATED
    assert redacted(reply, repeated_secrets(reply)) == {"token": "***", "s3Config": {"accessId": "***"}}


def test_what_looks_as_a_provider_said_its_keys_do_is_hidden_wherever_it_stands() -> None:
    declare([r"zz-[0-9]{6,}"])
    assert redacted_text("tried zz-1234567 and fizz-1234567") == "tried *** and fizz-1234567"
    assert redacted({"detail": "no such key: zz-1234567"}) == {"detail": "no such key: ***"}
