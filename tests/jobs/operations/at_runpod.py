"""The studio at an emulated RunPod, with an endpoint and a bucket of its own, over real HTTP."""

from collections.abc import Mapping
from typing import Any

from django.test import Client

from jobs.models import ApiKey, Job
from jobs.operations.api_keys import keys
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.providers.order import Kind
from tests.jobs.operations.at_provider import AtProvider
from tests.providers.emulators.runpod import Bucket, Emulator
from tests.providers.emulators.runpod.emulator import KEY
from tests.providers.emulators.runpod.service import ENDPOINT

BUCKET = {
    "bucket_name": Bucket().name,
    "bucket_access_id": Bucket().access_id,
    "bucket_endpoint": "https://bucket.example",
}


class Endpoint(AtProvider):
    """What Mara does at RunPod."""

    trained = {"unet_epochs": 10}
    emulator: Emulator

    def add_key(self, secret: str = KEY, options: Mapping[str, str] | None = None, *, bucket: bool = True) -> ApiKey:
        options = {"endpoint_id": ENDPOINT, **(BUCKET if bucket else {}), **(options or {})}
        told = SubmittedOptions.typed(options, {"bucket_secret": Bucket().secret} if bucket else {})
        return keys.add(self.workspace, self.owner, "runpod", "Studio endpoint", secret, told)

    def order(self, values: Mapping[str, Any] | None = None, prompts: int = 1, **fields: Any) -> Job:
        """A training with two small pictures of each prompt, ready to be sent."""
        drawn = {"prompt": "ukj dog", "n_iter": 2, "width": 64, "height": 64, **(values or {})}
        return self.order_training(kind=Kind.TRAIN_AND_GENERATE, generations=(drawn,) * prompts, **fields)

    @property
    def reads(self) -> int:
        return sum("/status/" in seen.path for seen in self.seen("GET", "/v2/"))

    def webhook(self, order: int = -1) -> str:
        """The path of the callback address that an order carried."""
        address: str = self.emulator.service.ledger[order].callback
        return "/callbacks/" + address.partition("/callbacks/")[2]

    def ring(self, order: int = -1, **changes: Any) -> int:
        """RunPod rings here with what it says of an order's job; the status of our answer."""
        job_id = self.emulator.service.ledger[order].job_id
        said = self.emulator.service.described(self.emulator.service.jobs[job_id], self.emulator.url) | changes
        answer = Client(enforce_csrf_checks=True).post(self.webhook(order), said, content_type="application/json")
        return answer.status_code
