"""Everything twice, at once, out of order or cut off in the middle comes to the same (R4, R15)."""

from collections.abc import Callable, Iterator
from random import Random

import pytest
from django.db import close_old_connections
from django.utils import timezone

from jobs import tasks
from jobs.files import storage
from jobs.models import Attempt, Callback, Job, JobEvent, JobState, Lease, Photo
from jobs.operations import failpoints
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import callbacks
from jobs.operations.photos.edit import Crop, crop
from jobs.photos.crop import Mode, Shape
from tests.jobs.factories import make_photo, make_set, make_waiting
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.at_provider import LONG_AGO
from tests.jobs.operations.conftest import again, later
from tests.jobs.operations.jobs.test_submit import Killed
from tests.jobs.operations.threads import at_once
from tests.photos import pictures

TASKS = {task.rpartition(".")[2] for task in tasks.submit.app.tasks if task.startswith("jobs.tasks.")}


def due_again() -> None:
    """Time passes: whatever waits is due, no lease of a dead process holds, no request can still be on its way."""
    Attempt.objects.update(created_at=timezone.now() - LONG_AGO)
    Job.objects.exclude(lease_until=None).update(lease_until=in_seconds(-1))
    Job.objects.exclude(next_action_at=None).update(next_action_at=in_seconds(-1))
    Lease.objects.update(until=in_seconds(-1))
    Photo.objects.filter(state=Photo.State.WAITING).update(next_action_at=in_seconds(-1))
    Photo.objects.exclude(crop_due_at=None).update(crop_due_at=in_seconds(-1))
    Photo.objects.exclude(inspection_due_at=None).update(inspection_due_at=in_seconds(-1))


def settle(dreamlook: Studio) -> None:
    """Let everything come to its end."""
    while Job.objects.open().exists() or Job.objects.filter(results_pending=True).exists():
        dreamlook.pass_there(60)
        due_again()
        tasks.sweep()
        for job in Job.objects.filter(state=JobState.READY):
            tasks.submit(job.pk)
        for kind in ("generation", "training"):
            tasks.poll_key(dreamlook.key.pk, kind)
        for job in Job.objects.filter(results_pending=True):
            tasks.fetch_results(job.pk)


def came_to(job: Job) -> dict[str, object]:
    """What became of *job*, less what is another each time."""
    again(job)
    images = job.generated_images.values_list("state", "position", "seed", "prompt")
    checkpoints = job.checkpoints.values_list("state", "step", "is_lora", "size_bytes")
    return {
        "state": (job.state, job.percent, job.charged, job.results_pending, job.image_count, job.missing_count),
        "attempts": list(job.attempts.values_list("outcome", flat=True)),
        "results": (len(images), {state for state, *_ in images}, sorted(checkpoints, key=str)),
        "told": sorted(job.events.values_list("kind", "sentence")),
    }


@pytest.mark.django_db
def test_r4_genuine_callbacks_five_times_and_shuffled_come_to_the_same_as_once(dreamlook: Studio):
    once, often = ([dreamlook.send() for _ in range(4)] for _ in range(2))
    dreamlook.pass_there(60)
    described = {charge.job_id: charge for charge in dreamlook.emulator.service.ledger}
    calls = [(job, body) for job in often for body in bodies(dreamlook, job) * 5]
    Random(4).shuffle(calls)
    for job, body in [*((job, bodies(dreamlook, job)[-1]) for job in once), *calls]:
        token = described[job.provider_job_id].request["callback"].rstrip("/").rpartition("/")[2]
        callbacks.receive(token, body)
    assert Callback.objects.filter(attempt__job__in=often).count() == 8, "one for each different body"
    settle(dreamlook)
    assert {str(came_to(job)) for job in often} == {str(came_to(once[0]))}
    assert {str(came_to(job)["state"]) for job in once} == {str(came_to(once[0])["state"])}


def bodies(dreamlook: Studio, job: Job) -> list[bytes]:
    """A callback too early, and the real one."""
    return [f'{{"job_id": "{job.provider_job_id}", "state": "{state}"}}'.encode() for state in ("running", "success")]


def work(dreamlook: Studio) -> dict[str, tuple[Callable[[], None], str]]:
    """Each task with something to do, and a point in it at which it may die."""
    done = dreamlook.finish(dreamlook.send(dreamlook.order({"num_samples": 1})))
    ready, sent = dreamlook.order({"num_samples": 1}), dreamlook.send_training()
    photo = make_waiting(make_set(dreamlook.workspace, dreamlook.mara))
    prepared = storage.put(dreamlook.workspace.pk, "prepared", pictures.saved(pictures.upright(300), "JPEG"), ".jpg")
    whole = make_photo(photo.photo_set, prepared=prepared.name, inspection_due_at=timezone.now())
    crop(whole, Crop(Mode.HAND, Shape.SQUARE, (0.0, 0.0, 0.5, 0.5)))
    return {
        "submit": (lambda: tasks.submit(later(ready).pk), "submit.attempt_committed"),
        "poll_key": (lambda: tasks.poll_key(dreamlook.key.pk, sent.kind), "poll.applied"),
        "fetch_results": (lambda: tasks.fetch_results(done.pk), "results.image_stored"),
        "take_in_photo": (lambda: tasks.take_in_photo(photo.pk), "photos.stored"),
        "crop_photo": (lambda: tasks.crop_photo(whole.pk), "photos.crop_stored"),
        "inspect_photo": (lambda: tasks.inspect_photo(whole.pk), "photos.inspection_claimed"),
        "sweep": (tasks.sweep, ""),
        "email_key_rejected": (lambda: tasks.email_key_rejected(dreamlook.key.pk), ""),
        "tell_key_rejected": (lambda: tasks.tell_key_rejected(dreamlook.key.pk), ""),
    }


def once(run: Callable[[], None], point: str) -> None:
    run()


def by_four(run: Callable[[], None], point: str) -> None:
    at_once(4, run)


def killed_then_run_twice(run: Callable[[], None], point: str) -> None:
    def die(name: str) -> None:
        if name == point:
            failpoints.on_reach = None
            raise Killed

    failpoints.on_reach = die
    try:
        run()
    except Killed:
        pass
    finally:
        failpoints.on_reach = None
    due_again()
    run()
    run()


def is_done_with_photos(task: str) -> bool:
    """Whether nothing is left of the photos' work that *task* does."""
    left = {
        "take_in_photo": Photo.objects.waiting(),
        "crop_photo": Photo.objects.exclude(crop_due_at=None),
        "inspect_photo": Photo.objects.ready().exclude(inspection_due_at=None).exclude(crop_due_at=None),
    }
    return task not in left or not left[task].exists()


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    close_old_connections()


def test_r15_no_task_is_left_out(dreamlook: Studio, db: None):
    assert set(work(dreamlook)) == TASKS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [by_four, killed_then_run_twice])
@pytest.mark.parametrize("name", sorted(TASKS))
def test_r15_every_task_comes_to_the_same_however_often_it_runs(dreamlook: Studio, name: str, way, closing):
    run, point = work(dreamlook)[name]
    way(run, point)
    assert is_done_with_photos(name)
    settle(dreamlook)
    jobs = list(Job.objects.order_by("pk"))
    assert [job.state for job in jobs] == [JobState.SUCCESS] * 3
    made = [(job.image_count, job.checkpoint_count, job.missing_count) for job in jobs]
    assert made == [(1, 0, 0), (1, 0, 0), (0, 2, 0)]
    assert dreamlook.charges == 3
    assert not JobEvent.objects.filter(kind="alert").exists()
    arrived = JobEvent.objects.filter(kind="results").values_list("job_id", flat=True)
    assert sorted(arrived) == [job.pk for job in jobs]
