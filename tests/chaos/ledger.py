"""Reads the books of a stopped or running product, in its database and its storage, and says what is wrong in them.

It reads tables, not our models: what checks the product shares nothing with it but the practice painter.
"""

import hashlib
import io
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from jobs.providers.practice import life
from jobs.providers.practice.life import scene_of
from jobs.providers.practice.orders import Document
from jobs.providers.practice_painting.picture import draw
from tests.chaos.journey import Ordered, Uploaded
from tests.chaos.postgres import Postgres

SAMPLES_PER_TRAINING = 4
FINAL = ("success", "failure", "cancelled", "lost")
MOST_PAINTED_AGAIN = 40
Row = dict[str, Any]


class Ledger:
    """The tables of one data folder, or of its *database* where it has one of its own."""

    def __init__(self, data: Path, database: Postgres | None = None) -> None:
        self.data, self.database = data, database

    def rows(self, question: str, *values: object) -> list[Row]:
        if self.database is not None:
            return self.database.rows(question, values)
        address = f"file:{self.data}/likeness.sqlite3?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(question, values)]

    def count(self, table_and_condition: str) -> int:
        return int(self.rows(f"SELECT count(*) AS number FROM {table_and_condition}")[0]["number"])

    def open_jobs(self) -> int:
        return self.count(f"jobs_job WHERE state NOT IN {FINAL} OR results_pending")

    def waiting_photos(self) -> int:
        return self.count("jobs_photo WHERE state = 'waiting'")

    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return not (
            self.open_jobs() or self.waiting_photos() or self.count("jobs_job WHERE next_action_at IS NOT NULL")
        )

    def checkpoints(self) -> list[str]:
        """The checkpoints one can make pictures with, as the form names them."""
        return [f"c{row['id']}" for row in self.rows("SELECT id FROM jobs_checkpoint WHERE state = 'kept'")]

    def summary(self) -> dict[str, int]:
        """How much of everything there is."""
        return {
            "jobs": self.count("jobs_job"),
            "orders at the provider": self.count("jobs_practicerecord WHERE key LIKE 'job/%'"),
            "attempts": self.count("jobs_attempt"),
            "pictures": self.count("jobs_generatedimage WHERE state = 'ready'"),
            "checkpoints": self.count("jobs_checkpoint WHERE state = 'kept'"),
            "photos": self.count("jobs_photo WHERE state = 'ready'"),
        }

    def unsettled(self) -> Iterator[str]:
        """What is still to be done, for people who want to know why nothing moves."""
        columns = "id, name, state, tries, results_pending, next_action_at, lease_until, failure"
        for row in self.rows(f"SELECT {columns} FROM jobs_job WHERE next_action_at IS NOT NULL OR results_pending"):
            yield f"unsettled: {row}"
        for row in self.rows("SELECT id, state, tries, next_action_at FROM jobs_photo WHERE state = 'waiting'"):
            yield f"unsettled photo: {row}"


class Audit:
    """Compares the books with what people did. Each method yields one sentence for each thing that is wrong."""

    def __init__(self, ledger: Ledger, orders: list[Ordered], sets: list[Uploaded], random: Random) -> None:
        self.ledger, self.orders, self.sets, self.random = ledger, orders, sets, random
        self.jobs = {row["name"]: row for row in ledger.rows("SELECT * FROM jobs_job ORDER BY id")}

    def complaints(self) -> list[str]:
        return [
            *self.ledger.unsettled(),
            *self._wrong_jobs(),
            *self._wrong_sets(),
            *self._wrong_provider(),
            *self._wrong_files(),
            *self._wrong_pictures(),
            *self._left_over(),
        ]

    def _wrong_jobs(self) -> Iterator[str]:
        names = Counter(row["name"] for row in self.ledger.rows("SELECT name FROM jobs_job"))
        wanted = Counter(order.name for order in self.orders)
        yield from (f"lost: job {name}" for name in wanted - names)
        yield from (f"twice: job {name}" for name in names - wanted)
        for order in self.orders:
            if order.name in self.jobs:
                yield from (f"{order.name}: {what}" for what in self._wrong_job(order, self.jobs[order.name]))

    def _wrong_job(self, order: Ordered, job: Row) -> Iterator[str]:
        ended = {"state": "success", "percent": 100, "results_pending": 0, "missing_count": 0, "lease_until": None}
        made = {"image_count": order.pictures, "checkpoint_count": len(order.checkpoint_steps)}
        as_ordered = {"kind": order.kind, "photo_count": order.photos, "failure": "", "needs_decision": 0}
        expected = {**ended, **made, **as_ordered}
        yield from (f"{name} is {job[name]!r}, not {value!r}" for name, value in expected.items() if job[name] != value)
        images = self._of(job, "jobs_generatedimage")
        samples = SAMPLES_PER_TRAINING if order.checkpoint_steps else 0
        yield from self._wrong_images("pictures", [row for row in images if not row["is_sample"]], order.pictures)
        yield from self._wrong_images("samples", [row for row in images if row["is_sample"]], samples)
        kept = [(row["step"], row["state"]) for row in self._of(job, "jobs_checkpoint")]
        if sorted(kept) != [(step, "kept") for step in sorted(order.checkpoint_steps)]:
            yield f"checkpoints are {kept}"
        yield from self._wrong_attempts(job)

    def _wrong_images(self, what: str, images: list[Row], count: int) -> Iterator[str]:
        if sorted(row["position"] for row in images) != list(range(count)):
            yield f"{what} stand at {[row['position'] for row in images]}, not at 0 to {count - 1}"
        if unready := [row["id"] for row in images if row["state"] != "ready"]:
            yield f"{what} are not ready: {unready}"
        if len({row["provider_result_id"] for row in images}) != len(images):
            yield f"{what} are there twice"

    def _wrong_attempts(self, job: Row) -> Iterator[str]:
        attempts = self._of(job, "jobs_attempt")
        outcomes = Counter(row["outcome"] for row in attempts)
        taken = [row for row in attempts if row["outcome"] in {"accepted", "adopted"}]
        if len(taken) != 1 or taken[0]["provider_job_id"] != job["provider_job_id"]:
            yield f"attempts {outcomes} name {[row['provider_job_id'] for row in taken]}"
        if [row["number"] for row in attempts] != list(range(1, len(attempts) + 1)):
            yield f"attempts are numbered {[row['number'] for row in attempts]}"
        events = Counter(row["state"] for row in self._of(job, "jobs_jobevent") if row["kind"] == "state")
        not_sent = outcomes["absent"] + outcomes["unsent"]
        for state, count in {"ready": 1 + not_sent, "queued": 1, "success": 1}.items():
            if events[state] != count:
                yield f"{events[state]} events of {state}, and attempts {dict(outcomes)}"
        # A late answer may have ended a doubt, so there may be more doubts than attempts that ended in one.
        if not outcomes["absent"] + outcomes["adopted"] <= events["uncertain"] <= len(attempts):
            yield f"{events['uncertain']} events of uncertain, and attempts {dict(outcomes)}"

    def _wrong_sets(self) -> Iterator[str]:
        found = {row["name"]: row for row in self.ledger.rows("SELECT * FROM jobs_photoset ORDER BY id")}
        for uploaded in self.sets:
            photo_set = found.get(uploaded.name)
            if photo_set is None:
                yield f"lost: {uploaded.name}"
                continue
            query = "SELECT * FROM jobs_photo WHERE photo_set_id = ? ORDER BY position, id"
            photos = self.ledger.rows(query, photo_set["id"])
            if photo_set["photo_count"] != len(uploaded.files):
                yield f"{uploaded.name} counts {photo_set['photo_count']} photos, not {len(uploaded.files)}"
            sent = [(name, hashlib.sha256(content).hexdigest(), "ready") for name, content in uploaded.files]
            kept = [(row["display_name"], row["original_sha256"], row["state"]) for row in photos]
            if kept != sent:
                yield f"{uploaded.name} has {[(row['display_name'], row['state'], row['refusal']) for row in photos]}"

    def _wrong_provider(self) -> Iterator[str]:
        """Exactly one order at the provider for each job, the one that the job's row and attempt name."""
        accepted = self._documents()
        wanted = Counter(job["provider_job_id"] for job in self.jobs.values())
        yield from (f"twice: {key} at the provider belongs to no job" for key in accepted if key not in wanted)
        yield from (f"lost: order {key} is not at the provider" for key in wanted if key not in accepted)
        yield from (f"twice: {count} jobs of one order {key}" for key, count in wanted.items() if count > 1)
        tokens = {row["token_hash"]: row["provider_job_id"] for row in self.ledger.rows("SELECT * FROM jobs_attempt")}
        for key, document in accepted.items():
            token = document.callback_url.rstrip("/").rpartition("/")[2]
            if tokens.get(hashlib.sha256(token.encode()).hexdigest()) != key:
                yield f"the token of order {key} belongs to another attempt"

    def _wrong_files(self) -> Iterator[str]:
        """Every file that a row names is whole."""
        named = [
            *self.ledger.rows("SELECT file AS name, sha256 FROM jobs_generatedimage WHERE state = 'ready'"),
            *self.ledger.rows("SELECT file AS name, sha256 FROM jobs_checkpoint WHERE state = 'kept'"),
            *self.ledger.rows("SELECT original AS name, original_sha256 AS sha256 FROM jobs_photo"),
        ]
        for row in named:
            file = self.ledger.data / "media" / row["name"]
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != row["sha256"]:
                yield f"lost: the file {row['name']!r}"
        for row in self.ledger.rows(
            "SELECT thumbnail AS name FROM jobs_generatedimage UNION SELECT thumbnail FROM jobs_photo"
            " UNION SELECT prepared FROM jobs_photo"
        ):
            if not _is_picture(self.ledger.data / "media" / row["name"]):
                yield f"no picture: {row['name']!r}"

    def _wrong_pictures(self) -> Iterator[str]:
        """Each picture, mark and all, is the one that practice paints for that place of that order."""
        documents = self._documents()
        images = self.ledger.rows(
            "SELECT image.*, job.provider_job_id FROM jobs_generatedimage image JOIN jobs_job job ON job.id = job_id"
            " WHERE image.state = 'ready'"
        )
        chosen = images if len(images) <= MOST_PAINTED_AGAIN else self.random.sample(images, MOST_PAINTED_AGAIN)
        for row in chosen:
            document = documents.get(row["provider_job_id"])
            if document and _pixels(self._painted(document, row)) != _pixels(self._stored(row)):
                yield f"picture {row['id']} is not the one that was ordered"

    def _painted(self, document: Document, row: Row) -> bytes:
        artifacts = life.snapshot(document, time.time()).artifacts
        artifact = next(one for one in artifacts if one.id == row["provider_result_id"])
        query = "SELECT body FROM jobs_practicerecord WHERE key = ?"
        kept = self.ledger.rows(query, f"photos/{document.photos_of}")
        return draw(scene_of(document, artifact), life.unpack_photos(_parsed(kept[0]["body"]) if kept else None))

    def _stored(self, row: Row) -> bytes:
        return (self.ledger.data / "media" / row["file"]).read_bytes()

    def _left_over(self) -> Iterator[str]:
        # Only these are let go when their work is done; the others space out work and end by themselves.
        still = "until > CURRENT_TIMESTAMP AND (name LIKE 'poll:%' OR name LIKE 'results:%')"
        held = f"SELECT name FROM jobs_lease WHERE {still}"
        yield from (f"the lease {row['name']} is still held" for row in self.ledger.rows(held))

    def _of(self, job: Row, table: str) -> list[Row]:
        return self.ledger.rows(f"SELECT * FROM {table} WHERE job_id = ? ORDER BY id", job["id"])

    def _documents(self) -> dict[str, Document]:
        records = self.ledger.rows("SELECT key, body FROM jobs_practicerecord WHERE key LIKE 'job/%'")
        return {row["key"].removeprefix("job/"): Document.of(_parsed(row["body"])) for row in records}


def _parsed(kept: Any) -> Any:
    """A document as one database gives it parsed and the other as text."""
    return json.loads(kept) if isinstance(kept, str) else kept


def _pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()


def _is_picture(file: Path) -> bool:
    if not file.is_file():
        return False
    with Image.open(file) as picture:
        picture.load()
        return picture.width > 0
