"""A request as a command for a terminal."""

import json
import shlex
from collections.abc import Mapping
from typing import Any


def curl(url: str, body: Mapping[str, Any], key_variable: str) -> str:
    """The command that POSTs *body* to *url*, with the key out of the reader's own environment."""
    text = json.dumps(_sorted(body), indent=2)
    return (
        f"curl {shlex.quote(url)} \\\n"
        f'  -H "Authorization: Bearer ${key_variable}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  --data-raw {shlex.quote(text)}"
    )


def _sorted(request: Mapping[str, Any]) -> dict[str, Any]:
    """*request* with its short values first, so that they are seen before a hundred photos."""
    return dict(sorted(request.items(), key=lambda entry: isinstance(entry[1], list | dict)))
