"""Pages of rows newest first, found by "older than this id": the hundredth page costs what the first does."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows; *older* is the id to ask for the next ones with, None when these are the last."""

    rows: list[Row]
    older: int | None


def page_before(rows: models.QuerySet[Row], before: int | None, size: int) -> Page[Row]:
    """The newest *size* of *rows* that are older than the one with the id *before* (None: the newest of all).

    *rows* must be ordered by `-id`. One query; there is no count.
    """
    found = list((rows if before is None else rows.filter(pk__lt=before))[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)
