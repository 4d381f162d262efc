"""What is secret in an order to RunPod, repeated by it and made to fail at every stage, is found nowhere (R8).

RunPod repeats an order's input in whatever it answers, and here its bucket too.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import health, keys
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.operations.jobs import callbacks
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.jobs.submit import submit
from jobs.operations.providers import provider
from jobs.operations.results.fetch import fetch
from jobs.providers.order import Kind
from tests.jobs.factories import jpeg, make_photo, make_set
from tests.jobs.operations import searched
from tests.jobs.operations.conftest import again, later, look
from tests.jobs.operations.searched import found_in, said
from tests.providers.emulators.runpod import Bucket, Emulator, Fault, emulated

__all__ = ["said"]  # a fixture

pytestmark = pytest.mark.django_db

KEY = "rpa-canary/9f3b7a61c0de+wxyz=="
HF_TOKEN = "hf_canary51d0c2aa9e77abcd"
BUCKET_SECRET = "bucket-canary/77f0ab3c1d2e+efgh=="
SECRETS = (KEY, HF_TOKEN, BUCKET_SECRET)
ECHO = " ".join(f"Not with {'; '.join(searched.spellings(one)[::2])}." for one in SECRETS)
BODIES: list[Any] = [{"error": ECHO}, {"id": BUCKET_SECRET, "said": SECRETS}, [ECHO], ECHO]


class Studio:
    """The studio at an emulated RunPod that knows all of its secrets."""

    def __init__(self, workspace: Workspace, owner: User, mara: User, emulator: Emulator) -> None:
        self.workspace, self.owner, self.mara, self.emulator = workspace, owner, mara, emulator
        self.key = self.add_key()
        self.count = 0

    def add_key(self) -> ApiKey:
        self.emulator.service.open_account(KEY)
        bucket = Bucket("models", "AKIASTUDIO", BUCKET_SECRET)
        self.emulator.service.buckets = {bucket.name: bucket}
        told = {"endpoint_id": "dream-booth-v1", "bucket_name": bucket.name, "bucket_access_id": bucket.access_id}
        told["bucket_endpoint"] = "https://s3.eu-central-1.amazonaws.com"
        secrets = {"hf_token": HF_TOKEN, "bucket_secret": BUCKET_SECRET}
        return keys.add(self.workspace, self.owner, "runpod", "Studio key", KEY, SubmittedOptions.typed(told, secrets))

    def send(self) -> Job:
        """A training with a prompt, after its turn to be sent."""
        self.count += 1
        photo_set = make_set(self.workspace, self.mara)
        make_photo(photo_set, prepared=storage.put(self.workspace.pk, "prepared", jpeg().read(), ".jpg").name)
        drawn = {"prompt": "ukj dog", "n_iter": 1, "width": 64, "height": 64}
        told = {"base_model": "studio/private", "model_type": "sd-v1", "token": "ukj", "training": {"unet_epochs": 3}}
        draft = JobDraft(
            Kind.TRAIN_AND_GENERATE, "Rex", api_key=self.key, photo_set=photo_set, generations=(drawn,), **told
        )
        job = create(self.workspace, self.mara, draft, f"nonce-{self.count}")
        submit(later(job).pk)
        return again(job)

    def replace_key(self) -> None:
        """What a refusal did to the key is undone."""
        keys.replace(self.key, self.owner, KEY)


@pytest.fixture
def runpod(studio: Workspace, jon: User, mara: User, settings: Any, redis: str, own_media: Path) -> Iterator[Studio]:
    with emulated(speed=0) as emulator:
        settings.PROVIDER_BASE_URLS = {"runpod": emulator.url}
        settings.ALLOW_PRIVATE_PROVIDER_HOSTS = True
        settings.PUBLIC_URL = "http://likeness.test"
        provider.cache_clear()
        yield Studio(studio, jon, mara, emulator)
        provider("runpod").close()
        provider.cache_clear()


def fail_sending(studio: Studio) -> None:
    """One order after the other, each going wrong in another way, and one that goes right."""
    faults = studio.emulator.faults
    for status in (400, 401, 403, 404, 422, 429, 500, 502, 307):
        for body in BODIES:
            faults.plan("submit", Fault("status", accept=False, status=status, body=body))
            studio.send()
            studio.replace_key()
    for fault in (Fault("id", body=HF_TOKEN), Fault("id", body=BUCKET_SECRET), Fault("no_id"), Fault("cut", at=40)):
        faults.plan("submit", fault)
        studio.send()
        studio.replace_key()
    for error in (ECHO, [ECHO], json.dumps({"error_type": "E", "error_message": ECHO, "error_traceback": ECHO})):
        faults.plan("life", Fault("failure", body=error))
        studio.send()
    assert studio.send().state == JobState.QUEUED


def fail_asking(studio: Studio) -> None:
    job, faults = studio.send(), studio.emulator.faults
    for status in (401, 403, 404, 429, 500):
        for body in BODIES:
            faults.plan("read", Fault("status", status=status, body=body))
            faults.plan("health", Fault("status", status=status, body=body))
            look(job)
            health.test(studio.key, studio.owner)
            studio.replace_key()
    for fault in (Fault("echo"), Fault("state", body=BUCKET_SECRET), Fault("state", body=ECHO), Fault("odd_types")):
        faults.plan("read", fault)
        look(job)
    studio.emulator.clock.advance(60)
    faults.always("read", Fault("echo"))
    for one in Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]):
        look(one)


def fail_fetching(studio: Studio) -> None:
    downloads = [Fault("status", status=status, body=BODIES[0]) for status in (200, 401, 403, 500)]
    studio.emulator.faults.plan("download", *downloads)
    for job in Job.objects.filter(results_pending=True):
        for _ in range(4):
            fetch(later(job).pk)


def ring_back(studio: Studio) -> None:
    """The callback says it all once more."""
    charge = studio.emulator.service.ledger[0]
    said = json.dumps({"id": "x", "said": ECHO, **charge.request}).encode()
    callbacks.receive(charge.callback.rstrip("/").rpartition("/")[2], said)


def tokens(studio: Studio) -> set[str]:
    """The unguessable parts of all addresses that RunPod was given."""
    orders = [charge.request for charge in studio.emulator.service.ledger]
    archives = {order["input"]["train"]["data_url"].split("/")[-2] for order in orders}
    return archives | {order["webhook"].rstrip("/").rpartition("/")[2] for order in orders}


def test_r8_what_is_secret_at_runpod_is_found_nowhere_after_failing_at_every_stage(
    runpod: Studio, said: list[str], own_media: Path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        fail_sending(runpod)
        fail_asking(runpod)
        fail_fetching(runpod)
        ring_back(runpod)
        sought = [*SECRETS, *tokens(runpod)]
        assert found_in(searched.everywhere(runpod.owner, own_media, said), *sought) == []
        keys.revoke(runpod.key, runpod.owner)

    orders = [charge.request for charge in runpod.emulator.service.ledger]
    assert orders[0]["input"]["train"]["hf_token"] == HF_TOKEN
    assert orders[0]["s3Config"]["accessSecret"] == BUCKET_SECRET
    assert set(Job.objects.values_list("state", flat=True)) >= {JobState.SUCCESS, JobState.FAILURE}
    assert sum(KEY in seen.headers.get("authorization", "") for seen in runpod.emulator.server.seen) > 60
    assert len(said) > 50


def test_a_refused_key_form_repeats_none_of_them(runpod: Studio, as_jon):
    runpod.emulator.faults.plan("health", Fault("status", accept=False, status=401, body={"error": ECHO}))
    typed = {"runpod-endpoint_id": "dream-booth-v1", "runpod-hf_token": HF_TOKEN, "runpod-bucket_secret": BUCKET_SECRET}
    typed |= {"runpod-bucket_name": "models", "runpod-bucket_access_id": "AKIASTUDIO"}
    typed |= {"runpod-bucket_endpoint": "https://s3.eu-central-1.amazonaws.com"}
    answer = as_jon.post("/w/studio/keys/new/", {"provider": "runpod", "label": "Another", "secret": KEY, **typed})
    assert answer.status_code == 400
    assert found_in([("form", answer.text)], *SECRETS) == []
