"""Watches the transactions of a test: rows are locked in the order that `Workspace.lock` tells.

SQLite locks no rows. Its statements are written as if it did, so that they say what they would lock, and lose those
words on their way to it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

ORDER = (
    ("jobs_apikey",),
    ("jobs_consent",),
    ("jobs_job",),
    ("dashboard_workspace",),
    ("jobs_photo", "jobs_photoset", "dashboard_membership", "dashboard_invitation"),
)
PLACES = {table: place for place, tables in enumerate(ORDER) for table in tables}
LOCKING = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM|SELECT .* FROM) "(\w+)"', re.DOTALL)
FOR_UPDATE = re.compile(r" FOR (?:NO KEY )?UPDATE(?: OF [^()]+?)?(?: SKIP LOCKED)?(?=\)|$)")
LOCKING_FEATURES = (
    "has_select_for_update",
    "has_select_for_update_of",
    "has_select_for_update_skip_locked",
    "has_select_for_no_key_update",
)
WHOLE = {"dashboard_user", "dashboard_workspace"}
"""Deleted by hand only, with all that hangs on them."""


class Watch:
    """What one transaction after the other locks. A test is a transaction itself, so theirs are its savepoints."""

    def __init__(self) -> None:
        self.late: dict[str, list[str]] = {}
        self._transaction, self._known = "", dict[str, bool]()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        transaction = (connection.savepoint_ids or [""])[0]
        if transaction != self._transaction:
            self._transaction, self._known = transaction, {}
        match = LOCKING.match(sql)
        if transaction and match and (match[1][0] != "S" or " UPDATE" in sql[-60:]):
            self._note(table=match[2], is_made_here=match[1][0] == "I")
            if match[1][0] == "D" and match[2] in WHOLE:
                self.late.pop(transaction, None)
        return execute(sql if connection.vendor == "postgresql" else FOR_UPDATE.sub("", sql), params, many, context)

    def complaints(self) -> list[str]:
        """What was locked too late."""
        return [one for late in self.late.values() for one in late]

    def _note(self, *, table: str, is_made_here: bool) -> None:
        """A row that is made here is nobody else's to wait for, and may be changed here at any time afterwards."""
        if table not in PLACES or table in self._known:
            return
        if not is_made_here:
            before = [other for other, is_locked in self._known.items() if is_locked and PLACES[other] > PLACES[table]]
            self.late.setdefault(self._transaction, []).extend(f"{table} after {other}" for other in before)
        self._known[table] = not is_made_here


@contextmanager
def watched() -> Iterator[Watch]:
    """A watch over everything that happens in the block."""
    watch = Watch()
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(watch):
        for feature in LOCKING_FEATURES:
            patch.setattr(connection.features, feature, True)
        yield watch
