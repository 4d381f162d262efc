"""Compares what an emulated provider charged with what our rows and files say of each order."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.chaos.ledger import FINAL, Ledger, Row
from tests.chaos.trial_orders import mark_in
from tests.providers.emulators.base import Emulator

HASTE = 2.0
"""Seconds that we may take from a callback to what follows from it."""


class Books:
    """Both sides' books, once all has settled or the time was over."""

    def __init__(self, ledger: Ledger, emulator: Emulator) -> None:
        self.ledger, self.emulator = ledger, emulator
        self.charges: dict[str, list[Any]] = {}
        for charge in list(emulator.books.ledger):
            self.charges.setdefault(mark_in(charge.request), []).append(charge)

    def lost(self) -> list[str]:
        """Orders that were never taken, or taken and forgotten, or whose results did not all arrive."""
        return [wrong for job in self._jobs() for wrong in self._lost(job)]

    def twice(self) -> list[str]:
        """Orders that were charged more than once."""
        return [f"{mark} was charged {len(all_)} times" for mark, all_ in self.charges.items() if len(all_) != 1]

    def stuck(self) -> list[str]:
        """Orders that did not come to an end."""
        return [f"{job['name']} is stuck: {_said(job)}" for job in self._jobs() if not _is_settled(job)]

    def needless(self) -> list[str]:
        """Orders left to a person although the provider had rung here for them, and we had said that we heard."""
        decided = "SELECT sentence, at FROM dashboard_auditentry WHERE action = 'job.decided'"
        entries = {row["sentence"].partition(":")[0]: _seconds(row["at"]) for row in self.ledger.rows(decided)}
        heard = {
            name: min(self.emulator.ringer.heard.get(charge.callback, float("inf")) for charge in charges)
            for name, charges in self.charges.items()
        }
        late = [name for name, at in entries.items() if heard.get(name, float("inf")) < at - HASTE]
        return [f"{name} was left to a person though it had rung" for name in late]

    def summary(self) -> dict[str, object]:
        states = Counter(job["state"] for job in self._jobs())
        count = self.ledger.count
        return {
            "orders": dict(states),
            "charges": len(self.emulator.books.ledger),
            "posts": count("jobs_attempt"),
            "answers lost": count("jobs_attempt WHERE outcome IN ('adopted', 'absent')"),
            "adopted": count("jobs_attempt WHERE outcome = 'adopted'"),
            "absent and sent again": count("jobs_attempt WHERE outcome = 'absent'"),
            "decided by a person": count("dashboard_auditentry WHERE action = 'job.decided'"),
            "pictures": count("jobs_generatedimage WHERE state = 'ready'"),
            "checkpoints": count("jobs_checkpoint WHERE state = 'kept'"),
            "faults met": sum(self.emulator.faults.taken.values()),
        }

    def _jobs(self) -> list[Row]:
        return self.ledger.rows("SELECT * FROM jobs_job ORDER BY id")

    def _lost(self, job: Row) -> Iterator[str]:
        charges = self.charges.get(job["name"], [])
        if not charges:
            yield f"{job['name']} was lost before it was charged: {_said(job)}"
        elif job["provider_job_id"] not in {charge.job_id for charge in charges}:
            yield f"{job['name']} was charged as {charges[0].job_id} and lost: {_said(job)}"
        elif _is_settled(job):
            yield from self._lost_results(job)

    def _lost_results(self, job: Row) -> Iterator[str]:
        theirs = self.emulator.books.jobs[job["provider_job_id"]]
        expected = theirs.outcome(self.emulator.clock.now())
        if job["state"] != expected:
            yield f"{job['name']} is lost: {expected} there, {_said(job)}"
        elif expected == "success":
            made = theirs.made()
            kept = len(self._kept("jobs_generatedimage", "ready", job)), len(self._kept("jobs_checkpoint", "kept", job))
            if kept != made:
                yield f"{job['name']}: results were lost, {kept} of {made} are here: {_said(job)}"

    def _kept(self, table: str, state: str, job: Row) -> list[Row]:
        question = f"SELECT file, sha256 FROM {table} WHERE job_id = ? AND state = '{state}'"
        return [row for row in self.ledger.rows(question, job["id"]) if self._is_whole(row)]

    def _is_whole(self, row: Row) -> bool:
        file = self.ledger.data / "media" / row["file"]
        return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == row["sha256"]


def _is_settled(job: Row) -> bool:
    return job["state"] in FINAL and not job["results_pending"]


def _said(job: Row) -> str:
    return f"{job['state']} as {job['provider_job_id'] or '-'}, tries {job['tries']}, {job['failure'][:200]!r}"


def _seconds(written: object) -> float:
    """A moment as either database gives it, in seconds since 1970."""
    return datetime.fromisoformat(str(written)).replace(tzinfo=UTC).timestamp()
