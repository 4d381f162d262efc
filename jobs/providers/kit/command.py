"""A request as a command for a terminal."""

import json
import shlex
from collections.abc import Mapping
from typing import Any


def curl(url: str, body: Mapping[str, Any], key_variable: str) -> str:
    """The command that POSTs *body* to *url*, with the key out of the reader's own environment."""
    # Short values first, so that they are seen before a hundred photos.
    shown = dict(sorted(body.items(), key=lambda entry: isinstance(entry[1], list | dict)))
    text = json.dumps(shown, indent=2)
    return (
        f"curl {shlex.quote(url)} \\\n"
        f'  -H "Authorization: Bearer ${key_variable}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  --data-raw {shlex.quote(text)}"
    )
