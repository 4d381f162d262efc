"""Who you are and where you stand: people, workspaces, access and the vault."""

import tomllib
from pathlib import Path

VERSION: str = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["version"]
"""Told once, in `pyproject.toml`; CHANGELOG.md says what each version brought."""
