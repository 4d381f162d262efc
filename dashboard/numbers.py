"""Whole numbers out of texts that strangers wrote, in plain Python."""

LARGEST_ID = 2**63 - 1
"""The largest id that a column of the database holds."""
_MOST_DIGITS = 19


def whole_number(text: str, least: int = 0, most: int = LARGEST_ID) -> int | None:
    """The number that *text* writes in plain digits, if it is one from *least* to *most*; None otherwise.

    Signs, spaces, digits of other scripts and what is longer than any id are no numbers here: `int` takes the first
    three, and needs the more time the longer a text is.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    number = int(text)
    return number if least <= number <= most else None
