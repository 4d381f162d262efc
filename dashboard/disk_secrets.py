"""Secrets that the one-command installation makes for itself, each a file only its owner can read."""

import os
import secrets
from pathlib import Path


def read_or_create(path: Path) -> str:
    """Return the secret kept at *path*, making a random 256-bit one (hexadecimal, mode 0600) when there is none.

    Two processes that start together agree: only one can link its finished file into place.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
