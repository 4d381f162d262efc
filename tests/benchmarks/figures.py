"""How figures are printed."""

import os
import platform
from collections.abc import Sequence

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def headline(what: str) -> str:
    """What is measured, and on what."""
    return f"{what}\n{platform.system()}, {CORES} cores, Python {platform.python_version()}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, its columns aligned; the first is text, the others are figures."""
    lines = [[shown(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(line, widths) for line in (lines[0], rule, *lines[1:])) + "\n"


def shown(value: object) -> str:
    """A cell: three figures of a number, nothing for None."""
    if isinstance(value, float):
        return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"
    return "" if value is None else f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"
