"""Numbers that strangers write are read in one way everywhere."""

import pytest

from dashboard.numbers import LARGEST_ID, whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID)])
def test_plain_digits_are_a_number(text: str, number: int):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 7",
        "7 ",
        "+7",
        "-7",
        "7.0",
        "1e3",
        "1_000",
        "0x10",
        "\N{ARABIC-INDIC DIGIT SEVEN}",
        "²",
        "\x007",
        str(LARGEST_ID + 1),
        "9" * 5000,
    ],
)
def test_what_is_not_plain_digits_or_too_large_is_none(text: str):
    assert whole_number(text) is None


def test_a_number_out_of_its_bounds_is_none():
    assert [whole_number(text, 1, 65535) for text in ("0", "1", "65535", "65536")] == [None, 1, 65535, None]
