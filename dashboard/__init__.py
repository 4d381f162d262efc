"""Who you are and where you stand: people, workspaces, access and the vault."""

import tomllib
from pathlib import Path

VERSION: str = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["version"]
"""Told once, in `pyproject.toml`; CHANGELOG.md says what each version brought."""

SAID_WHY = 65
"""The exit status of a child that cannot do its work and has told the person why, in a sentence of its own."""


class CannotStart(SystemExit):
    """Likeness cannot start here; the message is a sentence for the person at the terminal.

    Whatever process nobody catches it in, Python prints it and ends with 1. It is empty where a child has said it
    already.
    """
