"""Somebody at an emulated provider, over real HTTP: orders, what was charged for, and time that passes there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import ApiKey, Attempt, Job, PhotoSet
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.jobs.submit import submit
from jobs.operations.providers import provider
from jobs.operations.results.fetch import fetch
from jobs.providers.order import Kind
from tests.jobs.factories import jpeg, make_photo, make_set
from tests.jobs.operations.conftest import again, later, look
from tests.providers.emulators.base import Emulator
from tests.providers.emulators.faults import Fault
from tests.providers.emulators.server import Seen

PATIENCE = 30.0
"""Seconds that we wait for an answer: longer than any takes on the busiest machine."""
HURRY = 1.0
"""The same where an answer never comes."""
LONG_AGO = timedelta(minutes=10)


class AtProvider:
    """What Mara does at a provider, whose clock stands still but for `pass_there`."""

    trained: ClassVar[Mapping[str, Any]]
    """The values of a small training."""

    def __init__(self, workspace: Workspace, owner: User, mara: User, emulator: Emulator) -> None:
        self.workspace, self.owner, self.mara, self.emulator = workspace, owner, mara, emulator
        self.key = self.add_key()
        self._count = 0

    def add_key(self, secret: str = "") -> ApiKey:
        """A key that the provider knows, or *secret*."""
        raise NotImplementedError

    def order(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A small order, ready to be sent."""
        raise NotImplementedError

    def order_training(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A training on one photo, ready to be sent."""
        draft = JobDraft(
            Kind.TRAINING, "Rex", api_key=self.key, photo_set=self.one_photo(), base_model="stable-diffusion-v1-5"
        )
        trained = {**self.trained, **(values or {})}
        draft = replace(draft, model_type="sd-v1", token="ukj", class_word="dog", training=trained)
        return self.create(replace(draft, **fields))

    def one_photo(self) -> PhotoSet:
        photo_set = make_set(self.workspace, self.mara)
        make_photo(photo_set, prepared=storage.put(self.workspace.pk, "prepared", jpeg().read(), ".jpg").name)
        return photo_set

    def create(self, draft: JobDraft) -> Job:
        self._count += 1
        return create(self.workspace, self.mara, draft, f"nonce-{self._count}")

    def send(self, job: Job | None = None) -> Job:
        """*job*, or a new one, after its turn to be sent."""
        job = job or self.order()
        submit(later(job).pk)
        return again(job)

    def send_training(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        return self.send(self.order_training(values, **fields))

    def plan(self, door: str, *faults: Fault | None) -> None:
        """The next requests at *door* meet these, one each. For one that hangs we do not wait long."""
        self.emulator.faults.plan(door, *faults)
        if any(fault is not None and fault.name == "hang" for fault in faults):
            provider(self.key.provider).close()
            settings.PROVIDER_PATIENCE_SECONDS = HURRY  # the fixture's own settings, which end with it
            provider.cache_clear()

    def pass_there(self, seconds: float) -> None:
        self.emulator.clock.advance(seconds)

    def finish(self, job: Job) -> Job:
        """Whatever runs there ends, and we look."""
        self.pass_there(60)
        return look(job)

    def fetch(self, job: Job) -> Job:
        """One turn at fetching the results."""
        fetch(later(job).pk)
        return again(job)

    @property
    def charges(self) -> int:
        return len(self.emulator.books.ledger)

    def seen(self, method: str, start: str) -> list[Seen]:
        """The requests that came in at addresses that begin so."""
        return [one for one in list(self.emulator.server.seen) if one.method == method and one.path.startswith(start)]


def long_ago(job: Job, age: timedelta = LONG_AGO) -> Job:
    """The last attempt at *job*, and the doubt about it, are older than any request can live."""
    Attempt.objects.filter(job=job).update(created_at=timezone.now() - age)
    Job.objects.filter(pk=job.pk).exclude(uncertain_since=None).update(uncertain_since=timezone.now() - age)
    return again(job)
