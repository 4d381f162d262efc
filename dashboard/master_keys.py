"""Master keys before anything is locked or opened: what they look like, how they are named, which ones the data needs.
Plain Python, for whoever looks before Django is there.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from dashboard import CannotStart

KEY_BYTES = 32
LEAST_DISTINCT_BYTES = 16
"""A random key has about thirty; zeros, a repeated word or `0123456789abcdef…` have fewer."""
HOW_TO_MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'


def parse(texts: Sequence[str]) -> Mapping[str, bytes]:
    """The keys by their names, in the order given. Raises `CannotStart` for what is no key, or an example."""
    if not texts:
        raise CannotStart(f"MASTER_KEYS is empty. {HOW_TO_MAKE_ONE}")
    keys = [_parse(number, text) for number, text in enumerate(texts, start=1)]
    return {hashlib.sha256(b"likeness master key" + key).hexdigest()[:16]: key for key in keys}


def _parse(number: int, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise CannotStart(f"Key {number} of MASTER_KEYS is not 64 hexadecimal digits. {HOW_TO_MAKE_ONE}")
    if len(set(key)) < LEAST_DISTINCT_BYTES:
        raise CannotStart(f"Key {number} of MASTER_KEYS is an example, not a random key. {HOW_TO_MAKE_ONE}")
    return key


def needed_by(database: Path) -> list[str]:
    """The names of the keys that lock what is stored in a SQLite file. Raises `CannotStart` when it cannot be read."""
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=20)) as opened:
            return [name for (name,) in opened.execute("SELECT DISTINCT master_key_id FROM dashboard_storedsecret")]
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return []
        raise CannotStart(f"The database {database} cannot be read: {error}. Nothing was changed.") from error


def missing_in_words(names: Sequence[str]) -> str:
    """What to do about keys that stored secrets need and nobody has."""
    which = f"key {names[0]} is" if len(names) == 1 else f"keys {', '.join(names)} are"
    return (
        f"The master {which} missing, and stored API keys need it: put back the file master_key, or what was in "
        "MASTER_KEYS, from where you keep it. docs/operations.md says what to do when it is lost."
    )
