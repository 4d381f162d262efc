"""Named points at which a test makes this process stop, to see what it leaves behind. Outside tests they do nothing."""

from collections.abc import Callable

on_reach: Callable[[str], None] | None = None
"""What a test has put in the way."""


def reach(name: str) -> None:
    """This process has come to the point called *name*, for example `submit.attempt_committed`."""
    if on_reach is not None:
        on_reach(name)
