"""Every state that a job can be in, and every button on it, alone and in bulk: what is shown can be done, what is said
has happened, and every job can be ended or ends by itself."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.contrib.messages import constants, get_messages
from django.urls import reverse
from django.utils import timezone

from jobs.models import ApiKey, Job, JobState
from jobs.models.job import FINAL_STATES, OPEN_STATES
from jobs.operations.api_keys import keys
from jobs.operations.providers import provider
from jobs.providers.base import Capability
from jobs.providers.registry import PROVIDERS
from tests.conftest import undone
from tests.jobs.factories import make_job
from tests.jobs.job_pages import address, page_of

pytestmark = pytest.mark.django_db

BUTTONS = {
    "job_cancel": {},
    "job_check": {},
    "job_retry": {},
    "job_delete": {},
    "job_decide": {"there": "forget"},
}
IN_BULK = {"job_cancel": "cancel", "job_retry": "retry", "job_delete": "delete"}
STANDINGS: dict[str, dict[str, Any]] = {
    "": {},
    "asked to stop": {"cancel_requested_at": timezone.now()},
    "without a key": {"failure_code": "waiting_for_key", "failure": "Replace the key."},
}
ONLY = {
    JobState.UNCERTAIN: {"to be decided": {"needs_decision": True}},
    JobState.SUCCESS: {"being fetched": {"results_pending": True}, "not whole": {"missing_count": 2}},
}
ABLE = {"all": set(), "no stop": {Capability.CANCEL}, "no list": {Capability.LIST}}


class Standing(NamedTuple):
    """Where a job stands, and what its provider cannot do."""

    state: JobState
    how: dict[str, Any]
    lacks: set[Capability]


def standings() -> Iterator[Any]:
    for state, (able, lacks) in product(JobState, ABLE.items()):
        common = STANDINGS if state in OPEN_STATES - {JobState.SUBMITTING} else {"": {}}
        for name, how in {**common, **ONLY.get(state, {})}.items():
            yield pytest.param(Standing(state, how, lacks), id=f"{state} {name} {able}".replace("  ", " "))


@pytest.fixture(params=standings())
def job(request, studio, jon, mara, monkeypatch) -> Iterator[Job]:
    standing: Standing = request.param
    monkeypatch.setitem(PROVIDERS, "dreamlook", "tests.jobs.keyed_provider.KeyedProvider")
    provider.cache_clear()
    monkeypatch.setattr(type(provider("dreamlook")), "capabilities", frozenset(Capability) - standing.lacks)
    key = keys.add(studio, jon, "dreamlook", "Studio key", "dl-0123456789-0123456789")
    if standing.how.get("failure_code"):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    order = {"base_model": "practice-sd15", "generations": [{"prompt": "a dog"}]}
    yield make_job(studio, mara, provider="dreamlook", api_key=key, state=standing.state, **order, **standing.how)
    provider.cache_clear()


def facts(job: Job) -> dict[str, Any]:
    """What a button may change."""
    names = ("state", "cancel_requested_at", "deleted_at", "results_pending", "missing_count", "next_action_at")
    return {"jobs": Job.objects.count(), **Job.objects.filter(pk=job.pk).values(*names).get()}


def test_every_button_does_what_it_says_and_no_job_is_a_dead_end(job, as_ann):
    page = page_of(as_ann, job)
    for button, typed in BUTTONS.items():
        alone = press(as_ann, job, address(job, button), typed)
        is_offered = f'action="{address(job, button)}"' in page
        assert is_offered == alone.did or button == "job_retry", f"{button}: offered {is_offered}, {alone}"
        assert alone.did == alone.claimed or job.cancel_requested_at, f"{button}: {alone}"
        if action := IN_BULK.get(button):
            selected = reverse("jobs_selected", args=[job.workspace.slug])
            together = press(as_ann, job, selected, {"action": action, "job": job.pk})
            assert (together.did, together.claimed) == (alone.did, alone.claimed), f"{action}: {together}"
    assert_is_no_dead_end(as_ann, job, page)


class Pressed(NamedTuple):
    """Whether a press did something, and whether it said so."""

    did: bool
    claimed: bool
    said: list[str]


def press(client, job, path, typed) -> Pressed:
    with undone():
        Job.objects.filter(pk=job.pk).update(next_action_at=None)
        client.cookies.pop("messages", None)
        before = facts(job)
        said = list(get_messages(client.post(path, typed).wsgi_request))
        is_claimed = bool(said) and all(message.level < constants.WARNING for message in said)
        # A retry says so by its page, to which it leads.
        is_new = Job.objects.exclude(pk=job.pk).exists()
        return Pressed(facts(job) != before, is_claimed or (is_new and not said), [message.message for message in said])


def assert_is_no_dead_end(client, job, page) -> None:
    """It ends by a button, or a sentence says that it ends by itself; what has ended can be deleted."""
    if job.state in FINAL_STATES:
        assert address(job, "job_delete") in page
        return
    ways = [button for button in ("job_cancel", "job_decide") if address(job, button) in page]
    assert ways or job.cancel_requested_at or "ends by itself" in page
    [sentence] = press(client, job, address(job, "job_delete"), {}).said
    expected = {"job_decide": "Say on its page", "job_cancel": "Stop it first"}.get((ways or [""])[0], "ends by itself")
    assert expected.lower() in sentence.lower()
