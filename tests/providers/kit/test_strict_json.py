"""JSON from strangers is read in one way or not at all."""

import json
from contextlib import suppress

import pytest

from jobs.providers.kit.strict_json import parse
from tests.properties import given, st

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(alphabet="abc_"), json_values))
def test_ordinary_json_is_read_as_python_reads_it(document: dict[str, object]) -> None:
    text = json.dumps(document)
    if "\\u0000" not in text:
        assert parse(text.encode()) == json.loads(text)


@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e309}',
        b'{"a": 1, "a": 2}',
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" + b"9" * 5000 + b"]",
        b"3",
        b'"text"',
        b"null",
        b"",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xff"}',
        b"{'a': 1}",
    ],
)
def test_what_is_not_strictly_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        parse(content)


def test_what_no_database_stores_is_replaced() -> None:
    assert parse(b'{"a\\u0000": ["\\ud800 x", "\\u0000"]}') == {"a\ufffd": ["\ufffd x", "\ufffd"]}


def test_real_pairs_of_surrogates_stay() -> None:
    assert parse(b'["\\ud83d\\udc26"]') == ["\U0001f426"]
