"""A provider that does what a test tells it: it keeps its jobs in memory and counts every order it was sent."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from jobs.providers.base import Capability, Provider
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.errors import NotThere, Uncertain
from jobs.providers.order import BaseModel, Estimate, Kind, Order
from jobs.providers.params import Param, Type
from jobs.providers.reply import Artifact, ArtifactKind, Download, KeyReport, Receipt, Snapshot, State
from tests.jobs.operations.pictures import a_png

Answer = Callable[[Order], Receipt]


class Scripted(Provider):
    slug = "scripted"
    label = "Scripted"
    capabilities = frozenset(Capability) - {Capability.NEEDS_PUBLIC_PHOTOS, Capability.NEEDS_PHOTO_ARCHIVE}
    base_models = (BaseModel("base", "Base", "sd-v1"),)
    training_params = (Param("steps", "Steps", Type.INTEGER, "How long.", default=100),)
    generation_params = (
        Param("prompt", "Prompt", Type.LONG_TEXT, "What.", required=True),
        Param("num_samples", "Pictures", Type.INTEGER, "How many.", counts=True),
    )
    longest_call = 20.0

    def __init__(self, context: Context) -> None:
        self.lock = threading.Lock()
        self.orders: list[Order] = []
        self.answers: list[Answer] = []
        self.jobs: dict[str, Snapshot] = {}
        self.older = [Snapshot("of-before", State.SUCCESS)]
        """What else it lists, last: jobs that nobody here ordered."""
        self.cancelled: list[str] = []
        self.forgotten: list[tuple[str, bool]] = []
        """Jobs whose photos it was to forget, and whether it was asked within a transaction."""
        self.while_forgetting: Callable[[], None] = lambda: None
        """Called before it answers that."""
        self.lists = self.reads = 0
        self.trouble: Exception | None = None
        self.contents: dict[str, bytes | Exception] = {}

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        return Estimate((60, 120), cost_cents=120)

    def test_key(self, credentials: Credentials) -> KeyReport:
        return KeyReport(ok=True, sentence="Works.")

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        with self.lock:
            self.orders.append(order)
            answer = self.answers.pop(0) if self.answers else self.accept
            return answer(order)

    def accept(self, order: Order) -> Receipt:
        """What it does unless told otherwise."""
        id_ = f"job-{len(self.jobs) + 1}"
        self.jobs[id_] = Snapshot(id_, State.QUEUED, "queued", callback_url=order.callback_url)
        return Receipt(id_, {"job_id": id_})

    def accept_and_lose_the_answer(self, order: Order) -> Receipt:
        self.accept(order)
        raise Uncertain("The answer got lost.")

    def becomes(self, id_: str, **changes: object) -> None:
        """From now on the job *id_* is said to be so."""
        self.jobs[id_] = replace(self.jobs[id_], **changes)

    def can_be_asked_after(self, provider_job_id: str) -> bool:
        return not provider_job_id.startswith("TEST_")

    def called_id(self, body: Mapping[str, Any]) -> str:
        return str(body.get("job_id", ""))

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        self.reads += 1
        self._be_in_trouble()
        if provider_job_id not in self.jobs:
            raise NotThere("No such job.")
        return self.jobs[provider_job_id]

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        self.lists += 1
        self._be_in_trouble()
        return [*reversed(self.jobs.values()), *self.older][: self.list_length]

    def _be_in_trouble(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        self.cancelled.append(provider_job_id)
        if self.jobs[provider_job_id].state in (State.QUEUED, State.RUNNING):
            self.becomes(provider_job_id, state=State.CANCELLED)

    def forget_photos(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        self.forgotten.append((provider_job_id, connection.in_atomic_block))
        self.while_forgetting()
        self._be_in_trouble()

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        content = self.contents.get(artifact.id, a_png())
        if isinstance(content, Exception):
            raise content
        return Download(iter([content[offset:]]), offset, len(content))


def says(*answers: Exception) -> list[Answer]:
    """Answers that raise these, one after the other."""

    def raising(error: Exception) -> Answer:
        def answer(order: Order) -> Receipt:
            raise error

        return answer

    return [raising(error) for error in answers]


def image(id_: str, **fields: object) -> Artifact:
    return Artifact(id=id_, kind=ArtifactKind.IMAGE, url=f"scripted:{id_}", **fields)


def checkpoint(id_: str, **fields: object) -> Artifact:
    return Artifact(id=id_, kind=ArtifactKind.CHECKPOINT, url=f"scripted:{id_}", **fields)
