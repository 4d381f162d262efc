"""When everything a job made was fetched, or is known to be missing: say what came and name what did not."""

from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.jobs.state import add_event, change, locked
from jobs.operations.providers import provider
from jobs.operations.results import words
from jobs.operations.results.count_results import recount_locked
from jobs.operations.sending import orders

_LOST = frozenset({Checkpoint.State.MISSING, Checkpoint.State.EXPIRED})
_NAMED = 6
"""So many missing pictures are named one by one."""


def finish(job_id: int) -> None:
    """Close the results of a job that has ended, if none is still to come."""
    with locked(job_id) as job:
        if job.results_pending and JobState(job.state).is_final and not _is_waiting(job):
            _finish(job)


def _is_waiting(job: Job) -> bool:
    images = job.generated_images.filter(state=GeneratedImage.State.WAITING)
    return images.exists() or job.checkpoints.filter(state=Checkpoint.State.WAITING).exists()


def _finish(job: Job) -> None:
    missing = _missing(job) if job.state == JobState.SUCCESS else []
    change(job, results_pending=False, next_action_at=None, tries=0, missing_count=sum(count for count, _ in missing))
    images = job.generated_images.filter(state=GeneratedImage.State.READY, is_sample=False).count()
    checkpoints = job.checkpoints.filter(state=Checkpoint.State.KEPT).count()
    if images or checkpoints or missing:
        names = tuple(name for _, name in missing)
        add_event(job, words.results_here(images, checkpoints, names), kind="results")
    if left := job.checkpoints.at_provider().count():
        recount_locked(job)
        add_event(job, words.left_at_provider(provider(job.provider).label, left), kind="results")


def _missing(job: Job) -> list[tuple[int, str]]:
    """What a successful job should have made and we don't have: how many, and what they are called."""
    return [*_missing_pictures(job), *_missing_checkpoints(job)]


def _missing_pictures(job: Job) -> list[tuple[int, str]]:
    announced = job.generated_images.filter(is_sample=False)
    lost = announced.filter(state=GeneratedImage.State.MISSING).order_by("position")
    numbers = [position + 1 for position in lost.values_list("position", flat=True)]
    named = [(1, words.picture(number)) for number in numbers]
    if len(numbers) > _NAMED:
        named = [(len(numbers), words.pictures(len(numbers)))]
    never = provider(job.provider).expected_images(orders.shape(job)) - announced.count()
    return [*named, (never, words.undelivered(never))] if never > 0 else named


def _missing_checkpoints(job: Job) -> list[tuple[int, str]]:
    if provider(job.provider).keeps_model(orders.shape(job)) and not job.checkpoints.exists():
        return [(1, words.checkpoint_at(None).lower())]
    lost = job.checkpoints.filter(state__in=_LOST).order_by("step")
    return [(1, words.checkpoint_at(step).lower()) for step in lost.values_list("step", flat=True)]
