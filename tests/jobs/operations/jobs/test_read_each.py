"""Single questions go out side by side, and one that is not answered keeps nobody waiting."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Job, JobState, Lease
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import read_each
from jobs.operations.jobs.poll import poll_key
from jobs.operations.jobs.snapshot import next_poll
from jobs.operations.jobs.submit import submit
from jobs.providers import errors
from jobs.providers.base import Capability
from jobs.providers.reply import State
from tests.jobs.operations.conftest import again
from tests.jobs.operations.scripted import Scripted

pytestmark = pytest.mark.django_db


@pytest.fixture
def unlisted(scripted: Scripted, monkeypatch) -> Scripted:
    """The scripted provider, which now has no list."""
    can = type(scripted).capabilities - {Capability.LIST}
    monkeypatch.setattr(type(scripted), "capabilities", can)
    return scripted


@pytest.fixture
def many(unlisted: Scripted, another) -> list[Job]:
    jobs = [another(f"n{number}") for number in range(12)]
    for job in jobs:
        submit(job.pk)
    return jobs


def due(jobs: list[Job]) -> None:
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(next_action_at=in_seconds(-1))
    Lease.objects.all().delete()


def ask(jobs: list[Job]) -> None:
    due(jobs)
    poll_key(jobs[0].api_key_id, jobs[0].kind)


def asked() -> set[str]:
    return set(Job.objects.exclude(last_checked_at=None).values_list("provider_job_id", flat=True))


def instead(monkeypatch, scripted: Scripted, answer) -> None:
    """From now on *answer* is called before each reading, with the job's id."""
    read = scripted.read
    monkeypatch.setattr(scripted, "read", lambda kind, id_, opened: (answer(id_), read(kind, id_, opened))[1])


def test_f8_questions_go_out_side_by_side(many, unlisted, monkeypatch):
    together = threading.Barrier(len(many), timeout=60)
    instead(monkeypatch, unlisted, lambda id_: together.wait())
    ask(many)
    assert len(asked()) == len(many)


def test_f8_what_falls_due_while_a_slow_answer_is_awaited_is_asked_in_the_same_run(many, unlisted, monkeypatch):
    monkeypatch.setattr(read_each, "LOOK_AROUND", 0.05)
    slow, rest = many[0], many[1:]
    answered = threading.Event()

    def answer(id_: str) -> None:
        if id_ == again_id:
            assert answered.wait(60)
        elif id_ == last_id:
            answered.set()

    again_id, last_id = (again(job).provider_job_id for job in (slow, rest[-1]))
    instead(monkeypatch, unlisted, answer)
    Job.objects.exclude(pk=slow.pk).update(next_action_at=in_seconds(0.2))
    Job.objects.filter(pk=slow.pk).update(next_action_at=in_seconds(-1))
    poll_key(slow.api_key_id, slow.kind)
    assert len(asked()) == len(many)


def test_no_more_questions_go_out_in_a_second_than_are_welcome(many, unlisted, monkeypatch):
    monkeypatch.setattr(read_each, "A_SECOND", 20.0)
    monkeypatch.setattr(read_each, "AT_A_TIME", 2)
    began = time.monotonic()
    ask(many)
    assert len(asked()) == len(many)
    assert time.monotonic() - began > (len(many) - 3) / 20


def test_three_questions_in_a_row_without_an_answer_end_the_run(many, unlisted, monkeypatch):
    monkeypatch.setattr(read_each, "AT_A_TIME", 1)
    unlisted.trouble = errors.Unavailable("timeout")
    ask(many)
    assert unlisted.reads <= 4
    assert asked() == set()


def test_questions_that_are_not_answered_now_and_then_end_nothing(many, unlisted, monkeypatch):
    monkeypatch.setattr(read_each, "AT_A_TIME", 1)

    def answer(id_: str) -> None:
        if int(id_.removeprefix("job-")) % 2:
            raise errors.Unavailable("timeout")

    instead(monkeypatch, unlisted, answer)
    ask(many)
    assert len(asked()) == len(many) / 2


def test_a_run_whose_lease_somebody_else_took_ends(many, unlisted, monkeypatch):
    monkeypatch.setattr(read_each, "LOOK_AROUND", 0.0)
    monkeypatch.setattr(read_each, "AT_A_TIME", 1)
    take_lease = lambda id_: None  # noqa: E731
    instead(monkeypatch, unlisted, take_lease)
    renew = read_each.Held.renew
    monkeypatch.setattr(read_each.Held, "renew", lambda held: Lease.objects.all().delete() and renew(held))
    ask(many)
    assert len(asked()) < len(many)


def test_what_is_to_be_stopped_is_stopped_before_it_is_asked_after(many, unlisted):
    Job.objects.filter(pk=many[3].pk).update(cancel_requested_at=timezone.now())
    ask(many)
    assert unlisted.cancelled == [again(many[3]).provider_job_id]
    assert again(many[3]).state == JobState.CANCELLED


def test_too_many_questions_give_the_key_a_rest_and_lose_nothing(many, unlisted):
    unlisted.trouble = errors.TooMany("slow down", wait=120)
    ask(many)
    assert again(many[0]).api_key.is_paused
    unlisted.trouble = None
    for id_ in list(unlisted.jobs):
        unlisted.becomes(id_, state=State.RUNNING)
    again(many[0]).api_key.__class__.objects.update(paused_until=None)
    ask(many)
    assert len(asked()) == len(many)


def test_where_there_is_no_list_the_next_job_need_not_wait_for_an_interval(many, unlisted):
    ask(many)
    interval = Lease.objects.get(name=f"interval:{many[0].api_key_id}:{many[0].kind}")
    assert (interval.until - timezone.now()).total_seconds() <= 0.5


@pytest.mark.parametrize(("forgets_after", "most"), [(timedelta(minutes=30), 300), (None, 3600)])
def test_a_job_is_asked_after_several_times_while_its_provider_remembers_it(
    sent, scripted, monkeypatch, forgets_after, most
):
    monkeypatch.setattr(type(scripted), "forgets_after", forgets_after)
    monkeypatch.setattr(type(scripted), "poll_seconds", (5.0, 3600.0))
    now = timezone.now() + timedelta(days=1)
    assert next_poll(sent, scripted, now) == most
