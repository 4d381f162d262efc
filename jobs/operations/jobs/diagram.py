"""The diagram of a job's states in the documentation, written from the table that the code goes by.

`python -m jobs.operations.jobs.diagram` brings docs/architecture.md up to date; a test finds it out of date.
"""

import os
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "architecture.md"
BEGIN, END = "<!-- states: begin, written by python -m jobs.operations.jobs.diagram -->", "<!-- states: end -->"


def drawn(text: str) -> str:
    """*text* with the diagram as it is now, in Mermaid's language, between its two marks."""
    from jobs.models import JobState
    from jobs.operations.jobs.state import MOVES, By

    lines = ["stateDiagram-v2", f"    [*] --> {JobState.READY}: {By.PERSON}"]
    lines += [f"    {move.source} --> {move.target}: {', '.join(move.by)}" for move in MOVES]
    lines += [f"    {state} --> [*]" for state in JobState if state.is_final]
    diagram = "\n".join(lines)
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```mermaid\n{diagram}\n```\n{END}{after}"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    DOCUMENT.write_text(drawn(DOCUMENT.read_text()))
