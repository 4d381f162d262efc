"""Jobs that were under way when 0.1.0 was stopped go on after the update, and none is sent twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from dashboard.worker import broker
from jobs import tasks
from jobs.models import Attempt, Checkpoint, Job, JobState, Lease, Photo, PracticeRecord
from jobs.operations.providers import provider
from tests.providers.emulators import dreamlook, runpod
from tests.providers.emulators.base import Emulator
from tests.upgrades.data import KNOWN

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("upgraded", "providers_anew")]

PATIENCE = 30.0
AGO = timedelta(minutes=20)
ELSEWHERE = Job.objects.exclude(provider="practice")


@pytest.fixture(autouse=True)
def nothing_was_sent_from_elsewhere() -> None:
    """Redis remembers attempts of other tests, whose numbers are higher: this would pass for a restored backup."""
    if settings.REDIS_URL:
        broker.client().flushdb()


@pytest.fixture
def emulators(settings: Any) -> Iterator[dict[str, Emulator]]:
    """The providers with the jobs that they had taken from 0.1.0."""
    with dreamlook.emulated(speed=0) as one, runpod.emulated(speed=0, old_worker=True) as other:
        found = {"dreamlook": one, "runpod": other}
        settings.PROVIDER_BASE_URLS = {name: emulator.url for name, emulator in found.items()}
        settings.ALLOW_PRIVATE_PROVIDER_HOSTS, settings.PROVIDER_PATIENCE_SECONDS = True, PATIENCE
        settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://likeness.test", ["*"]
        for name, emulator in found.items():
            for order in KNOWN["orders"][name]:
                take_again(emulator, order)
        yield found
        for name in found:
            provider(name).close()


def take_again(emulator: Any, order: dict[str, Any]) -> None:
    """The provider has the job, under the id that it gave it."""
    job = emulator.service.take(order["account"], order["kind"], order["request"])
    del emulator.service.jobs[job.id]
    job.id = order["job_id"]
    emulator.service.jobs[job.id] = job


def orders_at(emulators: dict[str, Emulator]) -> Counter[str]:
    """Orders that came in since the update."""
    return Counter(
        name
        for name, emulator in emulators.items()
        for seen in list(emulator.server.seen)
        if seen.method == "POST" and "/emulator/" not in seen.path and "/cancel/" not in seen.path
    )


def work(jobs: QuerySet[Job], rounds: int = 4) -> None:
    """What beat and the workers do for *jobs*, with enough time between rounds for everything to be due again."""
    for _ in range(rounds):
        past = timezone.now() - timedelta(seconds=5)
        Job.objects.exclude(lease_until=None).update(lease_until=past)
        Job.objects.exclude(next_action_at=None).update(next_action_at=past)
        Attempt.objects.filter(outcome=Attempt.Outcome.UNCERTAIN).update(created_at=timezone.now() - AGO)
        Lease.objects.all().delete()
        tasks.sweep()
        for pk in jobs.filter(state=JobState.READY).values_list("pk", flat=True):
            tasks.submit(pk)
        for key_id, kind in set(jobs.exclude(api_key=None).values_list("api_key_id", "kind")):
            tasks.poll_key(key_id, kind)
        for pk in jobs.exclude(next_action_at=None).values_list("pk", flat=True):
            tasks.fetch_results(pk)


def named(name: str) -> Job:
    return Job.objects.get(name=name)


def test_what_runs_at_providers_ends_well_and_only_what_waited_is_sent(emulators: dict[str, Emulator]):
    attempts = dict(Attempt.objects.values_list("pk", "outcome"))
    work(ELSEWHERE, rounds=2)
    for emulator in emulators.values():
        emulator.clock.advance(600)
    work(ELSEWHERE)

    assert orders_at(emulators) == {"dreamlook": 1, "runpod": 1}, "the two that were ready"
    under_way = ("queued", "running", "ready")
    for name in [f"{where}, {state}" for where in ("dreamlook", "RunPod") for state in under_way]:
        assert (name, named(name).state, named(name).missing_count) == (name, JobState.SUCCESS, 0)
        assert named(name).attempts.count() == 1
    assert Attempt.objects.exclude(pk__in=attempts).exclude(job__provider="practice").count() == 2


@pytest.mark.parametrize("name", ["dreamlook, our death after it was taken", "dreamlook, answer lost"])
def test_an_order_whose_answer_was_lost_is_found_at_the_provider(emulators: dict[str, Emulator], name: str):
    work(ELSEWHERE, rounds=3)
    assert named(name).attempts.get().outcome == Attempt.Outcome.ADOPTED
    assert orders_at(emulators)["dreamlook"] == 1, "the one that was ready"


def test_what_only_a_person_can_know_is_still_asked(emulators: dict[str, Emulator]):
    work(ELSEWHERE, rounds=3)
    assert named("dreamlook, somebody must decide").needs_decision
    assert named("RunPod, answer lost").state == JobState.UNCERTAIN
    assert named("RunPod, answer lost").attempts.count() == 1
    assert orders_at(emulators)["runpod"] == 1


def test_practice_jobs_go_on(emulators: dict[str, Emulator]):
    before = PracticeRecord.objects.filter(key__startswith="job/").count()
    going = [named(f"Practice, {state}").pk for state in ("queued", "running", "ready")]
    work(Job.objects.filter(pk__in=going), rounds=2)
    states = dict(Job.objects.filter(pk__in=going).values_list("name", "state"))
    assert states.pop("Practice, ready") in {JobState.QUEUED, JobState.RUNNING, JobState.SUCCESS}
    assert states == {"Practice, queued": JobState.SUCCESS, "Practice, running": JobState.SUCCESS}
    assert Attempt.objects.filter(job__in=going).count() == len(going)
    assert PracticeRecord.objects.filter(key__startswith="job/").count() == before + 1
    assert Checkpoint.objects.filter(job__in=going, state=Checkpoint.State.KEPT).exists()


def test_photos_that_waited_are_taken_in(emulators: dict[str, Emulator]):
    waiting = list(Photo.objects.waiting().values_list("pk", flat=True))
    assert waiting
    for pk in waiting:
        tasks.take_in_photo(pk)
    assert set(Photo.objects.filter(pk__in=waiting).values_list("state", flat=True)) == {Photo.State.READY}


def test_addresses_that_providers_hold_go_on_working(emulators: dict[str, Emulator]):
    orders = {order["job_id"]: order["request"] for order in KNOWN["orders"]["dreamlook"]}
    running = orders[named("dreamlook, running").provider_job_id]
    for address in running["image_urls"]:
        answer = Client().get(address.removeprefix("http://likeness.test"))
        assert b"".join(answer).startswith(b"\xff\xd8")
    answer = Client().post(running["callback"].removeprefix("http://likeness.test"), {}, "application/json")
    assert answer.status_code == 200
