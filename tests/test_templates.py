"""Templates are read as code is: no line of one is longer than a line of code may be."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LONGEST = 120


def test_no_line_is_longer_than_120_characters():
    """E-mails aside: a paragraph of theirs is one line, which the reader's program wraps."""
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert long == []
