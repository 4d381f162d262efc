"""The sweep: what makes lost messages, dead workers and several beats harmless (B01-B06, R15)."""

import os
import time

import pytest
from django.conf import settings

from dashboard.models import Heartbeat
from dashboard.worker import broker
from jobs import tasks
from jobs.files import storage
from jobs.models import Attempt, GeneratedImage, Job, JobEvent, JobState, Lease, Photo, PhotoSet
from jobs.operations import enqueue, failpoints, leases
from jobs.operations.jobs.poll import poll_key
from jobs.operations.jobs.submit import submit
from jobs.operations.results.fetch import fetch
from jobs.operations.sweep import sweep
from jobs.providers.reply import State
from tests.jobs.operations.conftest import again, later, look
from tests.jobs.operations.jobs.test_submit import Killed
from tests.jobs.operations.scripted import Scripted, image
from tests.jobs.operations.threads import at_once


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What the sweep wanted done, instead of a broker."""
    given: list[tuple] = []
    monkeypatch.setattr(enqueue, "_send", lambda name, args, delay: given.append((name.rpartition(".")[2], *args)))
    return given


def swept(capture) -> None:
    Lease.objects.all().delete()
    with capture(execute=True):
        sweep()


def test_b02_a_lost_message_to_send_is_given_again(job: Job, hints, django_capture_on_commit_callbacks):
    swept(django_capture_on_commit_callbacks)
    assert hints == [("submit", job.pk)]


def test_each_key_is_asked_once_however_many_jobs(sent: Job, another, hints, django_capture_on_commit_callbacks):
    other = another("other")
    submit(other.pk)
    later(sent)
    later(other)
    hints.clear()
    swept(django_capture_on_commit_callbacks)
    assert hints == [("poll_key", sent.api_key_id, "generation")]


def test_what_a_killed_upload_left_behind_is_cleared_away_in_the_end(studio, own_media):
    for key, days in {"old": 8, "new": 6}.items():
        with storage.receive(studio.pk, "originals", "", 100, key):
            pass
        newest = max((own_media / ".incoming").iterdir(), key=lambda part: part.stat().st_mtime)
        os.utime(newest, (time.time() - days * 86_400,) * 2)

    sweep()

    assert len(list((own_media / ".incoming").iterdir())) == 1


def test_results_and_photos_that_wait_are_hinted_at(sent, scripted, studio, hints, django_capture_on_commit_callbacks):
    scripted.becomes("job-1", state=State.SUCCESS, artifacts=(image("a"),))
    job = later(look(sent))
    photo_set = PhotoSet.objects.create(workspace=studio, name="Rex")
    photo = Photo.objects.create(workspace=studio, photo_set=photo_set, upload_nonce="1")
    hints.clear()
    swept(django_capture_on_commit_callbacks)
    assert hints == [("fetch_results", job.pk), ("take_in_photo", photo.pk)]


def test_what_is_not_due_or_in_somebodys_hands_is_left_alone(sent: Job, hints, django_capture_on_commit_callbacks):
    hints.clear()
    swept(django_capture_on_commit_callbacks)
    assert hints == []


def test_a_queue_that_nobody_empties_gets_no_more(
    job: Job, hints, django_capture_on_commit_callbacks, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broker, "waiting", lambda: dict.fromkeys(broker.QUEUES, broker.CROWDED))
    swept(django_capture_on_commit_callbacks)
    assert hints == []


def test_b11_a_sweep_that_came_to_its_end_is_noted(db):
    sweep()
    assert Heartbeat.objects.filter(worker=Heartbeat.SWEEP).exists()


@pytest.mark.django_db(transaction=True)
def test_b05_five_sweeps_at_once_are_one(job: Job, hints):
    hints.clear()
    at_once(5, sweep)
    assert hints == [("submit", job.pk)]


def test_b01_without_a_broker_hints_are_quick_and_harmless(job: Job, monkeypatch):
    monkeypatch.setattr(enqueue, "_quiet_until", 0.0)
    monkeypatch.setattr(enqueue, "app", away())
    began = time.monotonic()
    for _ in range(20):
        enqueue._send("jobs.tasks.submit", (job.pk,), 0.0)
    assert time.monotonic() - began < 15, "one that waited for a broker would take 20 s"


def away():
    """A Celery application whose Redis is not there, with the product's own broker settings."""
    from celery import Celery

    app = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry = False
    return app


def test_a_lease_is_held_by_one_and_runs_out(db):
    first = leases.take("work", 60)
    assert first is not None
    assert leases.take("work", 60) is None
    Lease.objects.update(until="2000-01-01T00:00Z")
    second = leases.take("work", 60)
    assert second is not None
    assert not first.renew()
    first.release()
    assert second.renew()


@pytest.mark.django_db(transaction=True)
def test_a_lease_asked_for_by_ten_at_once_goes_to_one():
    assert len([held for held in at_once(10, lambda: leases.take("work", 60)) if held]) == 1


def facts() -> dict[str, object]:
    """All that must be the same however often a task ran."""
    return {
        "jobs": list(
            Job.objects.order_by("pk").values_list("state", "provider_job_id", "image_count", "missing_count")
        ),
        "attempts": Attempt.objects.count(),
        "events": list(JobEvent.objects.order_by("job", "id").values_list("kind", "sentence")),
        "images": list(GeneratedImage.objects.order_by("pk").values_list("provider_result_id", "state")),
    }


def run(task: str, job: Job) -> None:
    later(job)
    {"submit": lambda: tasks.submit(job.pk), "poll_key": lambda: tasks.poll_key(job.api_key_id, job.kind)}.get(
        task, lambda: tasks.fetch_results(job.pk)
    )()


@pytest.fixture
def ready_for(job: Job, scripted: Scripted):
    """Brings the job to where *task* has something to do."""

    def bring(task: str) -> Job:
        if task in ("poll_key", "fetch_results"):
            submit(job.pk)
            scripted.becomes("job-1", state=State.SUCCESS, artifacts=(image("a"), image("b")))
        if task == "fetch_results":
            look(job)
        return again(job)

    return bring


TASKS = ["submit", "poll_key", "fetch_results"]


@pytest.mark.parametrize("task", TASKS)
def test_r15_each_task_twice_in_a_row_does_what_it_does_once(ready_for, task: str, scripted: Scripted):
    job = ready_for(task)
    run(task, job)
    once = facts()
    run(task, job)
    assert facts() == once
    assert len(scripted.orders) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("task", TASKS)
def test_r15_b06_each_task_ten_times_at_once_does_what_it_does_once(ready_for, task: str, scripted: Scripted):
    job = later(ready_for(task))
    at_once(
        10,
        {"submit": lambda: submit(job.pk), "poll_key": lambda: poll_key(job.api_key_id, job.kind)}.get(
            task, lambda: fetch(job.pk)
        ),
    )
    again_at_once = facts()
    run(task, job)
    assert facts() == again_at_once
    assert len(scripted.orders) == 1
    assert GeneratedImage.objects.count() == (2 if task != "submit" else 0)
    assert Attempt.objects.count() == 1


POINTS = [
    ("submit", "submit.claimed"),
    ("submit", "submit.attempt_committed"),
    ("submit", "submit.answered"),
    ("submit", "outcomes.accepted"),
    ("poll_key", "poll.listed"),
    ("poll_key", "apply.results_kept"),
    ("poll_key", "poll.applied"),
    ("fetch_results", "results.image_fetched"),
    ("fetch_results", "results.all_fetched"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("task", "point"), POINTS)
def test_r15_a_task_killed_anywhere_still_ends_in_one_order_and_all_pictures(
    ready_for, task, point, scripted: Scripted
):
    job = ready_for(task)
    failpoints.on_reach = killing(point)
    with pytest.raises(Killed):
        run(task, job)
    failpoints.on_reach = None

    if not scripted.jobs:
        job.attempts.update(created_at="2000-01-01T00:00Z")
    for _ in range(8):
        work_once(job, scripted)

    job = again(job)
    assert (job.state, job.image_count, job.results_pending) == (JobState.SUCCESS, 2, False)
    assert len(scripted.jobs) == 1


def killing(point: str):
    def on_reach(name: str) -> None:
        if name == point:
            raise Killed(name)

    return on_reach


def work_once(job: Job, scripted: Scripted) -> None:
    """What a beat and its workers do in one round, after enough time."""
    job = later(job)
    sweep()
    job.attempts.update(created_at="2000-01-01T00:00Z")
    submit(later(job).pk)
    for id_ in scripted.jobs:
        scripted.becomes(id_, state=State.SUCCESS, artifacts=(image("a"), image("b")))
    look(job)
    fetch(later(job).pk)
