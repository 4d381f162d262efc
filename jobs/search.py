"""Words that are found whatever their case, in either database: SQLite folds no letters but those of ASCII.

What is looked through is kept folded beside what it was folded from.
"""

import unicodedata
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

MOST_WORDS = 10
LONGEST = 10_000

Rows = TypeVar("Rows", bound=QuerySet[Any])


def folded(*texts: str) -> str:
    """*texts* as they are looked through: "MÖBEL" and "möbel", composed or not, are the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", " ".join(texts)).casefold())[:LONGEST]


def having(rows: Rows, words: str, unfolded: str) -> Rows:
    """Those of *rows* that have all of *words*. A row that a server of the version before made is not folded: of it the
    column *unfolded* is looked through."""
    for word in words.split()[:MOST_WORDS]:
        plain = Q(search_text="", **{f"{unfolded}__icontains": word})
        rows = rows.filter(Q(search_text__contains=folded(word)) | plain)
    return rows
