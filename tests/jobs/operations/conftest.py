"""A studio with a key for a scripted provider, jobs made with it, and time that passes when a test says so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models.functions import Now

from dashboard.models import User, Workspace
from jobs.models import ApiKey, Job, Lease
from jobs.operations import failpoints
from jobs.operations.api_keys import keys
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import poll, submit
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.providers import provider
from jobs.providers.order import Kind
from jobs.providers.registry import PROVIDERS
from tests.jobs.operations.scripted import Scripted
from tests.providers.emulators import runpod as emulated_runpod
from tests.providers.emulators.dreamlook import Emulator, emulated

if TYPE_CHECKING:
    from tests.jobs.operations.at_dreamlook import Studio
    from tests.jobs.operations.at_runpod import Endpoint


@pytest.fixture(autouse=True)
def no_failpoint() -> Iterator[None]:
    yield
    failpoints.on_reach = None


@pytest.fixture(autouse=True)
def nothing_stored(own_media: Path) -> None:
    """Ids begin again with each test, and what was received half must not be taken for the next one's."""


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setitem(PROVIDERS, "scripted", "tests.jobs.operations.scripted.Scripted")
    provider.cache_clear()
    made = provider("scripted")
    assert isinstance(made, Scripted)
    yield made
    provider.cache_clear()


@pytest.fixture
def key(studio: Workspace, jon: User, scripted: Scripted) -> ApiKey:
    return keys.add(studio, jon, "scripted", "Studio key", "sk-0123456789-0123456789")


@pytest.fixture
def draft(key: ApiKey) -> JobDraft:
    values = {"prompt": "photo of ukj dog", "num_samples": 2}
    return JobDraft(Kind.GENERATION, "Rex", api_key=key, base_model="base", generations=(values,))


@pytest.fixture
def job(studio: Workspace, mara: User, draft: JobDraft) -> Job:
    return create(studio, mara, draft, "nonce")


@pytest.fixture
def another(studio: Workspace, mara: User, draft: JobDraft) -> Callable[[str], Job]:
    return lambda nonce: create(studio, mara, draft, nonce)


@pytest.fixture
def sent(job: Job) -> Job:
    """A job that the provider has taken."""
    submit.submit(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated(speed=0) as running:
        yield running


@pytest.fixture
def dreamlook(
    emulator: Emulator, studio: Workspace, jon: User, mara: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator["Studio"]:
    """The studio with a key of an emulated dreamlook."""
    from tests.jobs.operations.at_dreamlook import PATIENCE, Studio

    monkeypatch.setitem(PROVIDERS, "dreamlook", "jobs.providers.dreamlook.adapter.Dreamlook")
    settings.PROVIDER_BASE_URLS = {"dreamlook": emulator.url}
    settings.ALLOW_PRIVATE_PROVIDER_HOSTS, settings.PROVIDER_PATIENCE_SECONDS = True, PATIENCE
    settings.PUBLIC_URL = "http://likeness.test"
    provider.cache_clear()
    yield Studio(studio, jon, mara, emulator)
    provider("dreamlook").close()
    provider.cache_clear()


@pytest.fixture
def runpod(
    studio: Workspace, jon: User, mara: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator["Endpoint"]:
    """The studio with a key of an emulated RunPod."""
    from tests.jobs.operations.at_provider import PATIENCE
    from tests.jobs.operations.at_runpod import Endpoint

    monkeypatch.setitem(PROVIDERS, "runpod", "jobs.providers.runpod.adapter.RunPod")
    with emulated_runpod.emulated(speed=0, old_worker=True) as there:
        settings.PROVIDER_BASE_URLS = {"runpod": there.url}
        settings.ALLOW_PRIVATE_PROVIDER_HOSTS, settings.PROVIDER_PATIENCE_SECONDS = True, PATIENCE
        settings.PUBLIC_URL = "http://likeness.test"
        provider.cache_clear()
        yield Endpoint(studio, jon, mara, there)
        provider("runpod").close()
        provider.cache_clear()


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def later(job: Job) -> Job:
    """Time passes until the job is due and nobody's lease holds any more."""
    Job.objects.filter(pk=job.pk).exclude(lease_until=None).update(lease_until=in_seconds(-1))
    Job.objects.filter(pk=job.pk).exclude(next_action_at=None).update(next_action_at=in_seconds(-1))
    Lease.objects.all().update(until=Now())
    return again(job)


def look(job: Job) -> Job:
    """Ask the provider after the job now."""
    later(job)
    assert job.api_key_id is not None
    poll.poll_key(job.api_key_id, job.kind)
    return again(job)


def told(job: Job) -> list[str]:
    return list(job.events.order_by("id").values_list("sentence", flat=True))
