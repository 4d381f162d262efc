"""Many jobs and pictures at once, as if a team had worked for years, written straight into the database.

Of a hundred jobs eight failed and two were lost; twenty of all are under way, however many there are. One person
ordered only the five oldest jobs, so that whoever filters by that person looks through everything.
"""

import hashlib
from collections.abc import Iterator

from dashboard.models import Membership, Role, User, Workspace
from jobs.models import GeneratedImage, Job, JobState
from jobs.operations import keys

BATCH = 2000
UNDER_WAY = 20
FIRST_JOBS = 5
PICTURES = 4
KINDS = ("training", "generation", "generation", "train_and_generate")
NAMES = ("Rex on the beach", "Grandma’s garden at dusk", "Packshots for the autumn catalogue", "Pip as an astronaut")


def people(workspace: Workspace) -> tuple[User, ...]:
    """Three editors and somebody who was there only at the beginning."""
    users = [User(email=f"{name.lower()}@example.com", name=name) for name in ("Ann", "Vic", "Jon", "Sam")]
    made = User.objects.bulk_create(users)
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user, role=Role.EDITOR) for user in made)
    return tuple(made)


def seed_jobs(workspace: Workspace, users: tuple[User, ...], first: int, count: int) -> None:
    """Jobs number *first* and the *count* - 1 that follow, newest last; those under way are the newest."""
    Job.objects.filter(workspace=workspace, state=JobState.RUNNING).update(state=JobState.SUCCESS)
    key = keys.practice_key(workspace)
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        Job.objects.bulk_create(_job(workspace, users, number, api_key=key) for number in numbers)
    newest = Job.objects.order_by("-id").values_list("id", flat=True)[:UNDER_WAY]
    Job.objects.filter(pk__in=list(newest)).update(state=JobState.RUNNING, percent=40)


def _job(workspace: Workspace, users: tuple[User, ...], number: int, **fields: object) -> Job:
    state = _state(number)
    return Job(
        workspace=workspace,
        created_by=users[-1] if number < FIRST_JOBS else users[number % (len(users) - 1)],
        kind=KINDS[number % len(KINDS)],
        name=f"{NAMES[number % len(NAMES)]} {number}",
        provider="practice",
        base_model="practice-xl",
        state=state,
        percent=100 if state == JobState.SUCCESS else 30,
        failure="The service could not read a photo. Nothing was charged." if state == JobState.FAILURE else "",
        photo_count=12,
        estimated_seconds_low=600,
        estimated_seconds_high=900,
        estimated_cost_cents=120,
        thumbnails=[
            stored("thumbnails", workspace.pk, number * PICTURES + place, ".webp") for place in range(PICTURES)
        ],
        image_count=8,
        checkpoint_count=1,
        **fields,
    )


def _state(number: int) -> JobState:
    if number % 50 == 7:
        return JobState.LOST
    return JobState.FAILURE if number % 12 == 5 else JobState.SUCCESS


def seed_images(workspace: Workspace, first: int, count: int) -> None:
    """Pictures number *first* and the *count* - 1 that follow, eight a job; every fortieth has a star."""
    jobs = list(Job.objects.filter(workspace=workspace).order_by("-id").values_list("id", flat=True)[: count // 8 + 1])
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        GeneratedImage.objects.bulk_create(_images(workspace, jobs, numbers))


def _images(workspace: Workspace, jobs: list[int], numbers: range) -> Iterator[GeneratedImage]:
    for number in numbers:
        yield GeneratedImage(
            workspace=workspace,
            job_id=jobs[number // 8 % len(jobs)],
            provider_result_id=f"seeded-{number}",
            position=number % 8,
            prompt=f"photo of ukj dog on the beach at sunset, {number}",
            seed=number,
            state=GeneratedImage.State.READY,
            file=stored("images", workspace.pk, number, ".png"),
            thumbnail=stored("thumbnails", workspace.pk, number, ".webp"),
            width=768,
            height=1024,
            starred=number % 40 == 0,
        )


def stored(folder: str, workspace_id: int, number: int, suffix: str) -> str:
    """A name as the storage gives it; there is no such file."""
    digest = hashlib.sha256(f"{folder} {number}".encode()).hexdigest()
    return f"{folder}/{workspace_id}/{digest[:2]}/{digest}{suffix}"
