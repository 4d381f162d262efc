"""The variables that `dashboard/settings.py` reads from the environment, read from its text."""

import ast
from functools import cache
from pathlib import Path

SETTINGS = Path(__file__).resolve().parent.parent / "dashboard" / "settings.py"


@cache
def in_settings() -> frozenset[str]:
    """The name of every variable that the settings read."""
    return frozenset(_reads())


@cache
def defaults() -> dict[str, str]:
    """The defaults that stand in the settings as plain values, as one would write them into the environment."""
    return {name: _written(given.value) for name, given in _reads().items() if isinstance(given, ast.Constant)}


def _reads() -> dict[str, ast.expr | None]:
    """Each variable and the expression of its default; None where it has none of its own."""
    found: dict[str, ast.expr | None] = {}
    for call in ast.walk(ast.parse(SETTINGS.read_text())):
        if isinstance(call, ast.Call) and call.args and _is_read(call.func):
            name = call.args[0]
            if isinstance(name, ast.Constant):
                found.setdefault(name.value, None)
                default = next((word.value for word in call.keywords if word.arg == "default"), None)
                found[name.value] = found[name.value] or default
    return found


def _is_read(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "env"
    return isinstance(function, ast.Name) and function.id == "_secret"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
