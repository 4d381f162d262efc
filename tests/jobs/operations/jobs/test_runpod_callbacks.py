"""RunPod rings here and fetches from here, over real HTTP to our own pages.

Nothing is signed, and it comes three times at most; what it says is never believed.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import DatabaseError
from django.utils import timezone

from jobs.models import Attempt, Callback, Job, JobEvent, JobState
from jobs.operations.jobs.actions import cancel
from jobs.operations.sweep import sweep
from tests.jobs.operations.at_runpod import Endpoint
from tests.jobs.operations.conftest import again, look
from tests.providers.emulators.runpod import Fault, Pace
from tests.providers.emulators.visits import visit

pytestmark = pytest.mark.django_db(transaction=True)

FORGED_OR_BROKEN = ["forged", "malformed", "huge_body", "deep"]


@pytest.fixture
def heard(runpod: Endpoint, live_server, settings) -> Endpoint:
    """RunPod with an address of ours that it can reach."""
    settings.PUBLIC_URL = live_server.url
    return runpod


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def rung(heard: Endpoint, fault: Fault | None = None, calls: int = 1) -> list[int | str]:
    """What our answers were when whatever runs there ended, and it rang."""
    before = len(heard.emulator.ringer.rings)
    heard.plan("callback", fault)
    heard.pass_there(60)
    wait_until(lambda: len(heard.emulator.ringer.rings) >= before + calls)
    return [answer for _, answer in heard.emulator.ringer.rings[before:]]


def everything() -> list[object]:
    rows = Job.objects.values_list("pk", "state", "next_action_at", "version", "provider_job_id")
    return [*rows, *Callback.objects.values_list("pk"), *JobEvent.objects.values_list("pk", "sentence")]


def test_a_webhook_lets_the_job_be_asked_after_at_once(heard: Endpoint):
    job = heard.send()
    assert job.next_action_at > timezone.now()
    assert rung(heard) == [200]
    assert again(job).next_action_at <= timezone.now()
    assert look(job).state == JobState.SUCCESS


@pytest.mark.parametrize("name", FORGED_OR_BROKEN)
def test_c01_c06_what_is_forged_or_broken_changes_nothing(heard: Endpoint, name: str):
    heard.send()
    before = everything()
    assert rung(heard, Fault(name)) == [404 if name == "forged" else 400]
    assert everything() == before


def test_c02_many_times_the_same_is_one_entry(heard: Endpoint):
    job = heard.send()
    assert rung(heard, Fault("many", count=20), calls=20) == [200] * 20
    assert Callback.objects.count() == 1
    assert look(job).state == JobState.SUCCESS
    assert heard.reads == 1


def test_c03_out_of_order_only_the_answer_to_our_question_counts(heard: Endpoint):
    job = heard.send()
    assert rung(heard, Fault("reversed"), calls=2) == [200, 200]
    assert again(job).state == JobState.QUEUED
    assert look(job).state == JobState.SUCCESS


def test_c04_before_the_answer_to_the_order_it_is_the_jobs_id_when_that_answer_is_lost(heard: Endpoint):
    """RunPod's own name for the id in a webhook is `id`."""
    heard.plan("submit", Fault("hang", seconds=2))
    job = heard.send()
    assert (job.state, job.provider_job_id) == (JobState.UNCERTAIN, "")
    assert rung(heard) == [200]
    job = again(job)
    assert (job.state, job.provider_job_id) == (JobState.QUEUED, heard.emulator.service.ledger[0].job_id)
    assert Attempt.objects.get().outcome == Attempt.Outcome.ADOPTED


def test_c04_a_webhook_that_comes_before_the_answer_spoils_nothing(heard: Endpoint):
    heard.plan("submit", Fault("ring_first"))
    job = heard.send()
    assert (job.state, heard.charges) == (JobState.QUEUED, 1)
    assert heard.finish(job).state == JobState.SUCCESS


def test_c05_nothing_that_has_ended_or_was_deleted_is_revived(heard: Endpoint):
    job = heard.finish(heard.send())
    before = Job.objects.values_list("state", "provider_job_id", "next_action_at").get()
    heard.emulator.ring(job.provider_job_id, status="IN_PROGRESS")
    assert Job.objects.values_list("state", "provider_job_id", "next_action_at").get() == before
    Job.objects.update(deleted_at=timezone.now())
    heard.emulator.ring(job.provider_job_id)
    assert [answer for _, answer in heard.emulator.ringer.rings][-2:] == [404, 404]


def test_c07_without_the_database_it_is_asked_to_come_again_and_does(heard: Endpoint, monkeypatch):
    def away(*args: object) -> None:
        raise DatabaseError("gone")

    job = heard.send()
    with monkeypatch.context() as patched:
        patched.setattr("jobs.operations.jobs.callbacks.receive", away)
        assert rung(heard) == [503]
        time.sleep(0.1)
    heard.pass_there(10)
    wait_until(lambda: len(heard.emulator.ringer.rings) == 2)
    assert (heard.emulator.ringer.rings[-1][1], Callback.objects.count()) == (200, 1)
    assert look(job).state == JobState.SUCCESS


def test_c07_when_it_never_came_asking_finds_out(heard: Endpoint):
    job = heard.send()
    heard.plan("callback", Fault("never"))
    assert heard.finish(job).state == JobState.SUCCESS


def test_c08_what_runpod_says_when_asked_wins(heard: Endpoint):
    job = heard.send()
    assert rung(heard, Fault("disagrees")) == [200]
    assert "It only says so." in Callback.objects.get().body
    job = look(job)
    assert (job.state, job.failure) == (JobState.SUCCESS, "")


def test_what_is_kept_of_a_webhook_names_no_secret(heard: Endpoint):
    """It repeats the order, the bucket's secret and our own address with its token included."""
    heard.send()
    order = heard.emulator.service.ledger[0]
    heard.emulator.ring(order.job_id, **order.request)
    kept = Callback.objects.get().body
    for secret in ("bucket-secret-of-the-emulator", "rp-emulator", order.callback.rstrip("/").rpartition("/")[2]):
        assert secret not in kept


def test_p16_the_zip_is_fetched_late_by_head_and_range_and_twice_and_opens(heard: Endpoint):
    heard.emulator.service.opens_archives, heard.emulator.service.pace = True, Pace(queue=3600)
    job = heard.send()
    heard.pass_there(3601)
    wait_until(lambda: not heard.emulator.service.jobs[job.provider_job_id].needs_photos)
    assert [(one.method, one.status) for one in heard.emulator.opener.visits] == [
        ("HEAD", 200),
        ("GET", 206),
        ("GET", 200),
        ("GET", 200),
    ]
    assert heard.emulator.opener.opened == {job.provider_job_id: ["ukj (0).jpg"]}
    assert heard.emulator.service.jobs[job.provider_job_id].steps == 10
    assert heard.finish(job).state == JobState.SUCCESS


@pytest.mark.parametrize("ends", ["finished", "cancelled", "lost"])
def test_p16_the_zip_is_there_until_the_job_has_ended_and_then_is_as_if_it_had_never_been(heard: Endpoint, ends: str):
    job = heard.send()
    url = heard.emulator.service.ledger[0].request["input"]["train"]["data_url"]
    assert urlsplit(url).path.endswith(".zip")
    assert visit("GET", url).status == 200
    end(heard, job, ends)
    sweep()
    gone, wrong = visit("GET", url), visit("GET", url.replace("photos", "others"))
    assert (gone.status, wrong.status) == (404, 404)


def end(heard: Endpoint, job: Job, how: str) -> None:
    if how == "cancelled":
        cancel(job, heard.mara)
        assert look(job).state == JobState.CANCELLED
    elif how == "finished":
        assert heard.finish(job).state == JobState.SUCCESS
    else:
        heard.emulator.service.jobs.clear()
        for _ in range(3):
            look(job)
        Job.objects.update(not_found_since=timezone.now() - timedelta(minutes=10))
        assert look(job).state == JobState.LOST
