"""A list on which nothing is new costs a few statements, however many jobs are on it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Job, JobState
from jobs.operations import failpoints
from jobs.operations.clock import in_seconds
from jobs.operations.jobs.poll import poll_key
from jobs.operations.jobs.submit import submit
from jobs.providers.reply import State
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.scripted import Scripted, image

pytestmark = pytest.mark.django_db


def running(scripted: Scripted, another, count: int) -> list[Job]:
    """So many jobs that are half done, with one picture each, and were looked at before."""
    jobs = [another(f"n{number}") for number in range(count)]
    for job in jobs:
        submit(job.pk)
    for id_ in scripted.jobs:
        picture = image(f"{id_}-1")
        scripted.becomes(id_, state=State.RUNNING, percent=50, artifacts=(picture,), raw={"id": id_, "now": "running"})
    look(jobs[0])
    return [again(job) for job in jobs]


def statements_for(jobs: list[Job]) -> int:
    """How many statements taking in the list takes."""
    for job in jobs:
        later(job)
    counts: dict[str, int] = {}
    with CaptureQueriesContext(connection) as seen:
        failpoints.on_reach = lambda name: counts.update({name: len(seen)})
        poll_key(jobs[0].api_key_id, jobs[0].kind)
    assert "poll.applied" not in counts
    return counts["poll.noted"] - counts["poll.listed"]


@pytest.mark.parametrize("count", [1, 10, 50])
def test_a_list_on_which_nothing_is_new_costs_three_statements(scripted, another, count: int):
    jobs = running(scripted, another, count)
    assert statements_for(jobs) <= 3


def test_an_unchanged_job_says_when_it_was_last_checked_and_nothing_else(scripted, another):
    jobs = running(scripted, another, 2)
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.update(last_checked_at=long_ago, tries=2)
    before = [(job.version, job.state, job.percent, told(job)) for job in jobs]
    look(jobs[0])
    assert [(job.version, job.state, job.percent, told(job)) for job in map(again, jobs)] == before
    for job in map(again, jobs):
        assert timezone.now() - job.last_checked_at < timedelta(minutes=1)
        assert job.next_action_at > timezone.now()
        assert job.tries == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.SUCCESS},
        {"percent": 51},
        {"raw_state": "another word"},
        {"raw": {"id": "job-1", "now": "nearly done"}},
        {"artifacts": (image("job-1-1"), image("job-1-2"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_new_is_taken_in(scripted, another, changes):
    job, other = running(scripted, another, 2)
    applied: list[str] = []
    failpoints.on_reach = lambda name: applied.append(name) if name == "poll.applied" else None
    scripted.becomes(job.provider_job_id, **changes)
    look(job)
    assert applied == ["poll.applied"]
    assert again(job).last_checked_at is not None
    assert again(other).next_action_at > timezone.now()


def test_one_that_takes_unusually_long_is_told_once_though_nothing_is_new(scripted, another):
    job = running(scripted, another, 1)[0]
    Job.objects.update(submitted_at=timezone.now() - timedelta(days=1))
    for _ in range(3):
        look(job)
    assert job.events.filter(kind="overdue").count() == 1


def test_who_asks_to_stop_a_job_while_the_list_is_read_is_heard_at_the_next_look(scripted, another):
    job = running(scripted, another, 1)[0]

    def stop(name: str) -> None:
        if name == "poll.compared":
            Job.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now(), next_action_at=in_seconds(-1))

    failpoints.on_reach = stop
    look(job)
    failpoints.on_reach = None
    assert again(job).next_action_at < timezone.now()
    assert look(job).state == JobState.CANCELLED
