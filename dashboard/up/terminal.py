"""What the supervisor tells the person at the terminal."""

import contextlib


def say(sentence: str) -> None:
    """Print a sentence; a terminal that has gone away is no reason to stop."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)  # noqa: T201 - the one place that speaks to the terminal
