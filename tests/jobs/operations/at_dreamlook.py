"""The studio at an emulated dreamlook, over real HTTP: orders, what was charged for, and time that passes there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobs.models import ApiKey, Job
from jobs.operations.api_keys import keys
from jobs.operations.jobs.order import JobDraft
from jobs.providers.order import Kind
from tests.jobs.operations.at_provider import PATIENCE, AtProvider, long_ago
from tests.providers.emulators.dreamlook import Emulator

__all__ = ["PATIENCE", "Studio", "long_ago"]


class Studio(AtProvider):
    """What Mara does at dreamlook."""

    trained = {"steps": 100, "learning_rate": 1e-6, "extract_lora": "original"}
    emulator: Emulator

    def add_key(self, secret: str = "dl-emulator") -> ApiKey:
        return keys.add(self.workspace, self.owner, "dreamlook", "Studio key", secret)

    def order(self, values: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """A generation of two small pictures, ready to be sent."""
        drawn = {"prompt": "ukj dog", "num_samples": 2, "width": 64, "height": 64, **(values or {})}
        draft = JobDraft(
            Kind.GENERATION, "Rex", api_key=self.key, base_model="stable-diffusion-v1-5", model_type="sd-v1"
        )
        return self.create(replace(draft, generations=(drawn,), **fields))

    @property
    def lists(self) -> int:
        return sum(seen.path.count("/") == 2 for seen in self.seen("GET", "/jobs/"))

    @property
    def reads(self) -> int:
        return len(self.seen("GET", "/jobs/")) - self.lists
