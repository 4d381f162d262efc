"""The head of a trained model, in every shape that is none."""

import json
from io import BytesIO

import pytest

from jobs.operations.results.checkpoints import LARGEST_HEADER, LARGEST_PARSED, is_safetensors

HEADER = json.dumps({"w": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode()


def file(header, length=None, rest=b"1234"):
    return (len(header) if length is None else length).to_bytes(8, "little") + header + rest


def is_one(content, size=None):
    return is_safetensors(BytesIO(content), len(content) if size is None else size)


@pytest.mark.parametrize(
    "content",
    [
        file(HEADER),
        file(HEADER + b" " * 5),
        file(b"{}", rest=b""),
        file(b"{" + b" " * LARGEST_PARSED + b"}"),  # too long to be taken apart
    ],
)
def test_what_begins_as_it_should_is_one(content):
    assert is_one(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\x02",
        b"<!doctype html><title>Not here</title>",
        b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        b"PK\x03\x04" + bytes(200),
        bytes(100),
        file(b"[1]"),
        file(b'{"a": '),
        file(b'{"a": 1'),
        file(b'{"a": \xff}'),
        file(b"{}x"),
        file(b" {}"),
        file(HEADER, length=len(HEADER) - 1),
        file(HEADER, length=len(HEADER) + 5),
        file(HEADER, length=2**64 - 1),
        file(HEADER, length=2**63),
        file(b'{"a": ' + b"[" * 100_000 + b"}"),
        file(b"{" + b" " * LARGEST_PARSED + b"]"),
    ],
)
def test_everything_else_is_none(content):
    assert not is_one(content)


def test_a_header_of_any_length_is_not_read_as_a_whole():
    class Measured(BytesIO):
        largest = 0

        def read(self, size=-1):
            self.largest = max(self.largest, size)
            return super().read(size)

    huge = Measured(file(b"{" + bytes(100), length=LARGEST_HEADER))
    assert not is_safetensors(huge, LARGEST_HEADER + 100)
    assert 0 < huge.largest <= 4096
    assert not is_safetensors(Measured(file(b"{}", length=LARGEST_HEADER + 1)), 2 * LARGEST_HEADER)
