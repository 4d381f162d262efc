"""Many jobs and pictures at once, as if a team had worked for years, written straight into the database.

Of a hundred jobs eight failed and two were lost; twenty of all are under way, however many there are. One person
ordered only the five oldest jobs, so that whoever filters by that person looks for a needle.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.models import Membership, Role, User, Workspace
from jobs import versions
from jobs.models import ApiKey, GeneratedImage, Job, JobState
from jobs.operations.api_keys import keys

BATCH = 2000
UNDER_WAY = 20
FIRST_JOBS = 5
PICTURES = 4
KINDS = ("training", "generation", "generation", "train_and_generate")
NAMES = ("Rex on the beach", "Grandma’s garden at dusk", "Packshots for the autumn catalogue", "Pip as an astronaut")


@dataclass(frozen=True)
class Team:
    """The workspace, its key, those who order jobs, and who was there only at the beginning."""

    workspace: Workspace
    key: ApiKey
    regulars: tuple[User, ...]
    founder: User


def team() -> Team:
    """Four editors in the only workspace."""
    workspace = Workspace.objects.get()
    users = [User(email=f"{name.lower()}@example.com", name=name) for name in ("Ann", "Vic", "Jon", "Sam")]
    *regulars, founder = User.objects.bulk_create(users)
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user, role=Role.EDITOR) for user in users)
    return Team(workspace, keys.practice_key(workspace), tuple(regulars), founder)


def jobs(team: Team, first: int, count: int) -> None:
    """Jobs number *first* and the *count* - 1 that follow, newest last; those under way are the newest."""
    Job.objects.filter(state=JobState.RUNNING).update(state=JobState.SUCCESS)
    for numbers in _batches(first, count):
        Job.objects.bulk_create(_job(team, number) for number in numbers)
    newest = Job.objects.order_by("-id").values_list("id", flat=True)[:UNDER_WAY]
    Job.objects.filter(pk__in=list(newest)).update(state=JobState.RUNNING, percent=40)
    versions.touch(team.workspace)


def _job(team: Team, number: int) -> Job:
    state = _state(number)
    return Job(
        workspace=team.workspace,
        api_key=team.key,
        created_by=team.founder if number < FIRST_JOBS else team.regulars[number % len(team.regulars)],
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
            stored("thumbnails", team.workspace, number * PICTURES + place, ".webp") for place in range(PICTURES)
        ],
        image_count=8,
        checkpoint_count=1,
    )


def _state(number: int) -> JobState:
    if number % 50 == 7:
        return JobState.LOST
    return JobState.FAILURE if number % 12 == 5 else JobState.SUCCESS


def images(team: Team, first: int, count: int) -> None:
    """Pictures number *first* and the *count* - 1 that follow, eight a job; every fortieth has a star."""
    newest = Job.objects.filter(workspace=team.workspace).order_by("-id").values_list("id", flat=True)
    job_ids = list(newest[: count // 8 + 1])
    for numbers in _batches(first, count):
        GeneratedImage.objects.bulk_create(
            _image(team.workspace, job_ids[number // 8 % len(job_ids)], number) for number in numbers
        )


def _image(workspace: Workspace, job_id: int, number: int) -> GeneratedImage:
    return GeneratedImage(
        workspace=workspace,
        job_id=job_id,
        provider_result_id=f"seeded-{number}",
        position=number % 8,
        prompt=f"photo of ukj dog on the beach at sunset, {number}",
        seed=number,
        state=GeneratedImage.State.READY,
        file=stored("images", workspace, number, ".png"),
        thumbnail=stored("thumbnails", workspace, number, ".webp"),
        width=768,
        height=1024,
        starred=number % 40 == 0,
    )


def stored(folder: str, workspace: Workspace, number: int, suffix: str) -> str:
    """A name as the storage gives it; there is no such file."""
    digest = hashlib.sha256(f"{folder} {number}".encode()).hexdigest()
    return f"{folder}/{workspace.pk}/{digest[:2]}/{digest}{suffix}"


def _batches(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, BATCH):
        yield range(start, min(start + BATCH, first + count))
