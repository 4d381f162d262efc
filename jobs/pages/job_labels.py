"""A job's state, progress and cost as people say them: on its card, on its page and in titles."""

from dataclasses import dataclass

from jobs import formats
from jobs.models import Job, JobState
from jobs.operations.jobs import sentences
from jobs.operations.providers import provider
from jobs.providers.order import Kind
from jobs.providers.registry import PROVIDERS

KINDS = {Kind.TRAINING: "Training", Kind.GENERATION: "Pictures", Kind.TRAIN_AND_GENERATE: "Training and pictures"}
DOING = {Kind.TRAINING: "Training", Kind.GENERATION: "Drawing", Kind.TRAIN_AND_GENERATE: "Training"}


@dataclass(frozen=True)
class Standing:
    """Where a job stands. *percent* is None where there is no progress to show, -1 where nobody knows how far it is."""

    state: str
    label: str
    percent: int | None
    time_left: str
    reason: str
    """Why it only waits, in a sentence, where that is known."""


def standing(job: Job) -> Standing:
    """Where *job* stands, in words; from what is on its row."""
    reason = job.queue_reason if job.state == JobState.QUEUED or job.results_pending else ""
    if job.state == JobState.UNCERTAIN and not job.needs_decision and not job.failure:
        made = job.restored_from
        reason = sentences.restored(service(job), made) if made else sentences.answer_lost(service(job))
    return Standing(job.state, _label(job), _percent(job), _time_left(job), reason)


def kind(job: Job) -> str:
    return KINDS[Kind(job.kind)]


def service(job: Job) -> str:
    """The provider's name as people know it, also of one that is gone."""
    return provider(job.provider).label if job.provider in PROVIDERS else job.provider


def still_there(job: Job) -> str:
    """What deleting *job* here does not do, as a sentence to go on with; empty where that does not matter."""
    if is_practice(job) or not job.provider_job_id:
        return ""
    return f" Nothing is deleted at {service(job)}."


def is_practice(job: Job) -> bool:
    return job.provider in PROVIDERS and provider(job.provider).is_practice


def base_model(job: Job) -> str:
    models = provider(job.provider).base_models if job.provider in PROVIDERS else ()
    return next((model.label for model in models if model.id == job.base_model), job.base_model)


def price(job: Job) -> str:
    return formats.price(job.estimated_cost_cents, job.currency)


def title(job: Job) -> str:
    """The name with the state before it, for the browser's tab: "62 % · Rex"."""
    now = standing(job)
    state = f"{now.percent} %" if job.state == JobState.RUNNING and now.percent and now.percent > 0 else now.label
    return f"{state} · {job.name}"


def _label(job: Job) -> str:
    state = JobState(job.state)
    if state.is_open and job.needs_decision:
        return "Needs you"
    if state.is_open and job.cancel_requested_at:
        return "Stopping"
    if state.is_open and job.failure_code.startswith("waiting"):
        return "Waiting"
    if state is JobState.RUNNING:
        # The first picture that is none of the training's own says that the training is over.
        return DOING[Kind.GENERATION if job.image_count else Kind(job.kind)]
    return _success(job) if state is JobState.SUCCESS else str(state.label)


def _success(job: Job) -> str:
    if job.results_pending:
        return "Done, waiting for results" if job.queue_reason else "Done, fetching results"
    if job.dry_run:
        return "Rehearsed"
    return f"Done, {job.missing_count} missing" if job.missing_count else "Done"


def _percent(job: Job) -> int | None:
    if job.state == JobState.RUNNING:
        return min(job.percent, 100)
    unknown = job.state in (JobState.READY, JobState.SUBMITTING, JobState.QUEUED, JobState.UNCERTAIN)
    is_waiting = job.needs_decision or job.failure_code.startswith("waiting")
    return -1 if unknown and not is_waiting else None


def _time_left(job: Job) -> str:
    if job.state == JobState.QUEUED and job.queue_position:
        place = "next in the queue" if job.queue_position == 1 else f"number {job.queue_position} in the queue"
        return f"{place}, then {_range(job, 100)}" if job.estimated_seconds_high else place
    if job.cancel_requested_at or job.failure_code.startswith("waiting"):
        return ""
    if job.state not in (JobState.READY, JobState.SUBMITTING, JobState.QUEUED, JobState.RUNNING):
        return ""
    return f"{_range(job, 100 - min(job.percent, 100))} left" if job.estimated_seconds_high else ""


def _range(job: Job, rest: int) -> str:
    low, high = (seconds * rest // 100 for seconds in (job.estimated_seconds_low, job.estimated_seconds_high))
    return f"about {formats.wait(low, max(high, 1))}"
