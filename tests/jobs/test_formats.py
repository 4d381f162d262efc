"""Numbers, times and prices as people say them."""

import pytest

from jobs import formats


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [
        (None, "EUR", ""),
        (0, "EUR", "free"),
        (120, "EUR", "about 1.20 €"),
        (5, "USD", "about $0.05"),
        (123456, "CHF", "about 1\N{NARROW NO-BREAK SPACE}234.56 CHF"),
    ],
)
def test_a_price_is_said_with_its_currency(cents: int | None, currency: str, said: str):
    assert formats.price(cents, currency) == said
