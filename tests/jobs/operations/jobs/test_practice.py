"""The whole life of practice jobs, with the real practice provider, as beat and workers would live it."""

import time
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from dashboard.models import User, Workspace
from jobs.files import storage
from jobs.models import Attempt, Checkpoint, GeneratedImage, Job, JobState, Lease, Photo, PhotoSet, PracticeRecord
from jobs.operations import failpoints
from jobs.operations.api_keys import keys
from jobs.operations.jobs.actions import cancel
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.jobs.poll import poll_key
from jobs.operations.jobs.submit import submit
from jobs.operations.providers import provider
from jobs.operations.results.fetch import fetch
from jobs.operations.sweep import sweep
from jobs.providers.order import Kind
from jobs.providers.params import Values
from tests.jobs.operations.conftest import again, later, told
from tests.jobs.operations.jobs.test_submit import Killed
from tests.jobs.operations.test_sweep import killing

pytestmark = pytest.mark.django_db(transaction=True)
"""The practice service is asked from threads, which see only what is committed."""


def defaults(kind: str, **given: object) -> Values:
    practice = provider("practice")
    params = practice.training_params if kind == "training" else practice.generation_params
    fitting = [one for one in params if not one.model_types or "sd-v1" in one.model_types]
    return {**{param.name: param.default for param in fitting}, **given}


@pytest.fixture
def photo_set(studio: Workspace) -> PhotoSet:
    made = PhotoSet.objects.create(workspace=studio, name="Rex", photo_count=3)
    for number, colour in enumerate(["sienna", "tan", "peru"]):
        jpeg = BytesIO()
        Image.new("RGB", (640, 480), colour).save(jpeg, "JPEG")
        stored = storage.put(studio.pk, "prepared", jpeg.getvalue(), ".jpg")
        Photo.objects.create(
            workspace=studio,
            photo_set=made,
            upload_nonce=str(number),
            state=Photo.State.READY,
            prepared=stored.name,
            position=number,
        )
    return made


@pytest.fixture
def training(studio: Workspace, photo_set: PhotoSet) -> JobDraft:
    return JobDraft(
        Kind.TRAINING,
        "Rex",
        api_key=keys.practice_key(studio),
        photo_set=photo_set,
        base_model="practice-sd15",
        model_type="sd-v1",
        training=defaults("training", steps=400, save_checkpoints_at=[200]),
    )


@pytest.fixture
def generation(studio: Workspace) -> JobDraft:
    values = defaults("generation", prompt="photo of ukj dog", num_samples=4, width=256, height=256)
    key = keys.practice_key(studio)
    return JobDraft(
        Kind.GENERATION, "Beach", api_key=key, base_model="practice-sd15", model_type="sd-v1", generations=(values,)
    )


def finish(job: Job, seconds: float = 120.0) -> Job:
    """Do what is due, again and again, until nothing is left to do."""
    end = time.monotonic() + seconds
    while again(job).next_action_at is not None and not job.needs_decision and time.monotonic() < end:
        later(job)
        submit(job.pk)
        poll_key(job.api_key_id, job.kind)
        if again(job).results_pending or job.state == JobState.RUNNING:
            fetch(job.pk)
        time.sleep(0.02)
    return again(job)


def test_a_training_ends_with_checkpoints_kept_here_and_samples_shown(studio, mara: User, training: JobDraft):
    job = finish(create(studio, mara, training, "n"))

    assert (job.state, job.percent, job.missing_count, job.failure) == (JobState.SUCCESS, 100, 0, "")
    kept = job.checkpoints.order_by("step")
    assert [(one.step, one.state) for one in kept] == [(200, Checkpoint.State.KEPT), (400, Checkpoint.State.KEPT)]
    assert job.generated_images.filter(is_sample=True, state=GeneratedImage.State.READY).count() == 4
    assert job.charged == Job.Charged.NO
    assert len(job.thumbnails) == 4
    assert told(job)[-1] == "2 checkpoints arrived."


def test_a_generation_from_a_trained_checkpoint_ends_with_all_its_pictures(studio, mara, training, generation):
    trained = finish(create(studio, mara, training, "n"))
    checkpoint = trained.checkpoints.order_by("-step").first()
    draft = replace(generation, checkpoint=checkpoint, base_model="")
    job = finish(create(studio, mara, draft, "m"))

    assert (job.state, job.image_count, job.missing_count) == (JobState.SUCCESS, 4, 0)
    images = job.generated_images.order_by("position")
    assert {one.checkpoint for one in images} == {checkpoint}
    assert len({one.sha256 for one in images}) == 4
    assert all(one.prompt == "photo of ukj dog" for one in images)


def test_train_and_generate_does_both(studio, mara, training, generation):
    draft = replace(training, kind=Kind.TRAIN_AND_GENERATE, generations=generation.generations)
    job = finish(create(studio, mara, draft, "n"))
    assert (job.state, job.image_count, job.checkpoint_count) == (JobState.SUCCESS, 4, 2)
    made_with = {one.checkpoint.step for one in job.generated_images.filter(is_sample=False)}
    assert made_with == {400}


@pytest.mark.parametrize(
    ("outcome", "state", "code"),
    [
        ("works", JobState.SUCCESS, ""),
        ("fails", JobState.FAILURE, "provider"),
        ("answer_lost_after", JobState.SUCCESS, ""),
        ("key_refused", JobState.FAILURE, "key_refused"),
        ("no_tokens", JobState.FAILURE, "no_credit"),
        ("invalid_field", JobState.FAILURE, "invalid"),
        ("some_missing", JobState.SUCCESS, ""),
    ],
)
def test_what_can_be_rehearsed_happens(studio, mara, generation, outcome: str, state: str, code: str):
    values = {**generation.generations[0], "practice_outcome": outcome}
    job = finish(create(studio, mara, replace(generation, generations=(values,)), "n"))

    assert (job.state, job.failure_code, job.charged) == (state, code, Job.Charged.NO)
    assert PracticeRecord.objects.filter(key__startswith="job/").count() <= 1
    assert bool(job.field_errors) == (outcome == "invalid_field")
    assert bool(job.missing_count) == (outcome == "some_missing")
    assert "othing was charged" in job.failure or not code


def test_an_answer_lost_before_the_order_arrived_is_sent_once_more_and_then_put_before_a_person(
    studio, mara, generation
):
    values = {**generation.generations[0], "practice_outcome": "answer_lost_before"}
    job = create(studio, mara, replace(generation, generations=(values,)), "n")
    for _ in range(8):
        submit(later(job).pk)
        Attempt.objects.update(created_at="2000-01-01T00:00Z")
        poll_key(later(job).api_key_id, job.kind)
    assert (again(job).state, job.attempts.count()) == (JobState.UNCERTAIN, 2)
    Job.objects.update(uncertain_since="2000-01-01T00:00Z")
    poll_key(later(job).api_key_id, job.kind)
    assert again(job).needs_decision
    assert not PracticeRecord.objects.filter(key__startswith="job/").exists()


def test_b03_our_own_deaths_while_sending_put_no_practice_job_before_a_person(studio, mara, generation):
    job = create(studio, mara, generation, "n")
    failpoints.on_reach = killing("submit.attempt_committed")
    for _ in range(3):
        with pytest.raises(Killed):
            submit(later(job).pk)
        later(job)
        sweep_again()
        Attempt.objects.update(created_at="2000-01-01T00:00Z")
        poll_key(later(job).api_key_id, job.kind)
    failpoints.on_reach = None
    submit(later(job).pk)
    job = again(job)
    assert (job.state, job.attempts.count(), orders()) == (JobState.QUEUED, 4, 1)


def sweep_again() -> None:
    Lease.objects.all().delete()
    sweep()


def orders() -> int:
    return PracticeRecord.objects.filter(key__startswith="job/").count()


def test_p14_a_rehearsal_ends_by_itself_and_makes_nothing(studio, mara, training):
    job = finish(create(studio, mara, replace(training, dry_run=True), "n"))
    assert (job.state, job.charged, job.missing_count) == (JobState.SUCCESS, Job.Charged.NO, 0)
    assert not Checkpoint.objects.exists()


def test_a_running_training_can_be_stopped(studio, mara, training, settings):
    settings.PRACTICE_TRAINING_SECONDS = 600
    provider.cache_clear()
    job = create(studio, mara, training, "n")
    submit(job.pk)
    cancel(job, mara)
    job = finish(job)
    provider.cache_clear()
    assert job.state == JobState.CANCELLED
    assert job.next_action_at is None
