"""The studio at an emulated dreamlook, over real HTTP: orders, what was charged for, and time that passes there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import ApiKey, Attempt, Job
from jobs.operations.api_keys import keys
from jobs.operations.commands.create import JobDraft, create
from jobs.operations.results.fetch_results import fetch
from jobs.operations.sending.submit import submit
from jobs.providers.order import Kind
from tests.jobs.operations.conftest import again, later, look
from tests.jobs.photographed import jpeg, make_photo, make_set
from tests.providers.emulators.dreamlook import Emulator
from tests.providers.emulators.server import Seen

PATIENCE = 0.5
LONG_AGO = timedelta(minutes=10)


class Studio:
    """What Mara does at dreamlook, whose clock stands still but for `pass_there`."""

    def __init__(self, workspace: Workspace, owner: User, mara: User, emulator: Emulator) -> None:
        self.workspace, self.owner, self.mara, self.emulator = workspace, owner, mara, emulator
        self.key = self.add_key()
        self._count = 0

    def add_key(self, secret: str = "dl-emulator") -> ApiKey:
        return keys.add(self.workspace, self.owner, "dreamlook", "Studio key", secret)

    def order(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A generation of two small pictures, ready to be sent."""
        drawn = {"prompt": "ukj dog", "num_samples": 2, "width": 64, "height": 64, **(values or {})}
        draft = JobDraft(Kind.GENERATION, "Rex", self.key, base_model="stable-diffusion-v1-5", model_type="sd-v1")
        return self._create(replace(draft, generations=(drawn,), **fields))

    def order_training(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A training on one photo, ready to be sent."""
        photo_set = make_set(self.workspace, self.mara)
        make_photo(photo_set, prepared=storage.put(self.workspace.pk, "prepared", jpeg().read(), ".jpg").name)
        trained = {"steps": 100, "learning_rate": 1e-6, "extract_lora": "original", **(values or {})}
        draft = JobDraft(Kind.TRAINING, "Rex", self.key, photo_set, base_model="stable-diffusion-v1-5")
        draft = replace(draft, model_type="sd-v1", token="ukj", class_word="dog", training=trained)
        return self._create(replace(draft, **fields))

    def _create(self, draft: JobDraft) -> Job:
        self._count += 1
        return create(self.workspace, self.mara, draft, f"nonce-{self._count}")

    def send(self, job: Job | None = None) -> Job:
        """*job*, or a new one, after its turn to be sent."""
        job = job or self.order()
        submit(later(job).pk)
        return again(job)

    def send_training(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        return self.send(self.order_training(values, **fields))

    def pass_there(self, seconds: float) -> None:
        self.emulator.clock.advance(seconds)

    def finish(self, job: Job) -> Job:
        """Whatever runs at dreamlook ends, and we look."""
        self.pass_there(60)
        return look(job)

    def fetch(self, job: Job) -> Job:
        """One turn at fetching the results."""
        fetch(later(job).pk)
        return again(job)

    @property
    def charges(self) -> int:
        return len(self.emulator.service.ledger)

    def seen(self, method: str, start: str) -> list[Seen]:
        """The requests that came in at addresses that begin so."""
        return [one for one in list(self.emulator.server.seen) if one.method == method and one.path.startswith(start)]

    @property
    def lists(self) -> int:
        return sum(seen.path.count("/") == 2 for seen in self.seen("GET", "/jobs/"))

    @property
    def reads(self) -> int:
        return len(self.seen("GET", "/jobs/")) - self.lists


def long_ago(job: Job) -> Job:
    """The last attempt at *job*, and the doubt about it, are older than any request can live."""
    Attempt.objects.filter(job=job).update(created_at=timezone.now() - LONG_AGO)
    Job.objects.filter(pk=job.pk).exclude(uncertain_since=None).update(uncertain_since=timezone.now() - LONG_AGO)
    return again(job)
