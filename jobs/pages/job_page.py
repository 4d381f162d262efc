"""Everything one job's page shows, gathered in a fixed number of queries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.models import Membership, Role
from jobs.models import Attempt, Checkpoint, GeneratedImage, Job, JobEvent, JobPhoto, JobState
from jobs.operations.jobs import sentences
from jobs.operations.jobs.actions import can_be_cancelled, can_be_looked_at
from jobs.operations.jobs.order import command
from jobs.operations.photo_grants import grants
from jobs.operations.photos.report import Verdict, verdict
from jobs.operations.providers import provider
from jobs.pages import cards, job_labels, photos_sent
from jobs.pages.photos_sent import SentPhotos
from jobs.pages.settings_shown import Setting, settings_shown
from jobs.pages.trainings import Model, models
from jobs.providers.base import Provider
from jobs.providers.order import Kind, OrderSpec
from jobs.providers.registry import PROVIDERS

MOST_PICTURES = 120
MOST_EVENTS = 200
SIZE = ("width", "height")
NOT_AT_PROVIDER = (JobState.READY, JobState.SUBMITTING)


@dataclass(frozen=True)
class Samples:
    """Pictures drawn at one *step* of the training, to show how it goes."""

    step: int
    pictures: tuple[GeneratedImage, ...]


@dataclass(frozen=True)
class JobPage:
    """One job as *card* has it, and all that hangs on it.

    *newest_model* is the last step one can generate with; for pictures, the model that drew them.
    """

    job: Job
    card: cards.Card
    title: str
    best: GeneratedImage | None
    pictures: tuple[GeneratedImage, ...]
    picture_ids: str
    has_more_pictures: bool
    samples: tuple[Samples, ...]
    newest_model: Checkpoint | None
    models: tuple[Model, ...]
    events: tuple[JobEvent, ...]
    order: OrderSpec
    prompts: tuple[str, ...]
    training: tuple[Setting, ...]
    drawing: tuple[Setting, ...]
    corrections: tuple[Setting, ...]
    """The provider's word on single fields, under our labels."""
    attempts: tuple[Attempt, ...]
    raw: str
    command: str
    sent: SentPhotos
    photo_advice: Verdict | None
    """What is wrong with the photos of a training that its provider could not finish."""
    service: str
    their_page: str
    """Where its provider shows the account's jobs; empty where it is not there, or there is no such page."""
    base_model: str
    is_open: bool
    is_settled: bool
    may_check: bool
    no_stop: str
    """Why there is no *Stop*, where somebody may look for it."""
    may_decide: bool
    doubt: str
    """Why only a person can tell whether the provider has it."""
    may_train_otherwise: bool
    """Whether it is a finished training, of which somebody may want a longer or a shorter one."""
    may_start_for_real: bool
    """Whether it was only rehearsed and went well: the order can be opened, filled in as it was."""


def job_page(member: Membership, job: Job) -> JobPage:
    """What the page of *job*, loaded `for_page`, shows to *member*."""
    images = list(job.generated_images.shown().order_by("position", "id")[: MOST_PICTURES + 1])
    pictures = tuple(image for image in images if not image.is_sample)
    state, card = JobState(job.state), cards.card(member.workspace, member, job)
    is_settled = state.is_final and not job.results_pending
    found, here, order = _models(job), list(job.job_photos.here()) if job.photo_count else [], job.spec
    service = provider(job.provider) if job.provider in PROVIDERS else None
    params, drawing_params = (service.training_params, service.generation_params) if service else ((), ())
    drawing = next(iter(order.generations), {})
    labels = {param.name: param.label for param in (*params, *drawing_params)}
    events = tuple(job.events.exclude(state=JobState.SUBMITTING).order_by("-id")[:MOST_EVENTS])
    asked = (event.sentence for event in events if event.kind == "alert" and event.state == JobState.UNCERTAIN)
    return JobPage(
        job=job,
        card=card,
        title=job_labels.title(job),
        best=max(images, key=_merit, default=None),
        pictures=pictures[:MOST_PICTURES],
        picture_ids=",".join(str(picture.pk) for picture in pictures[:MOST_PICTURES]),
        has_more_pictures=len(images) > MOST_PICTURES,
        samples=_samples(images),
        newest_model=_newest_model(job, found),
        models=found,
        events=events,
        order=order,
        prompts=tuple(str(values.get("prompt", "")) for values in order.generations),
        training=tuple(settings_shown(params, order.training)),
        drawing=tuple(settings_shown(drawing_params, drawing, without=("prompt",))),
        corrections=tuple(
            Setting(name, labels.get(name, name), str(said))
            for name, said in job.field_errors.items()
            if str(said) not in job.failure
        ),
        attempts=tuple(job.attempts.order_by("number")) if member.may(Role.ADMIN) else (),
        raw=json.dumps(job.raw, indent=2, ensure_ascii=False)[:65536] if member.may(Role.ADMIN) and job.raw else "",
        command=_command(service, job, here) if member.may(Role.EDITOR) else "",
        sent=photos_sent.of_job(job, here, service),
        photo_advice=_photo_advice(job, here),
        service=job_labels.service(job),
        their_page=service.page(Kind(job.kind)) if service and state not in NOT_AT_PROVIDER else "",
        base_model=job_labels.base_model(job),
        is_open=state.is_open,
        is_settled=is_settled,
        may_check=member.may(Role.EDITOR) and can_be_looked_at(job),
        no_stop=_no_stop(job),
        may_decide=member.may(Role.EDITOR) and state is JobState.UNCERTAIN and job.needs_decision,
        doubt=next(asked, sentences.DECISION_NEEDED),
        may_train_otherwise=(Kind(job.kind).trains and is_settled and state is JobState.SUCCESS and not job.dry_run)
        and job.withdrawn_at is None
        and member.may(Role.EDITOR),
        may_start_for_real=job.dry_run and state is JobState.SUCCESS and member.may(Role.EDITOR),
    )


def _no_stop(job: Job) -> str:
    if not JobState(job.state).is_open or job.needs_decision or job.cancel_requested_at or can_be_cancelled(job):
        return ""
    return sentences.no_stop(job_labels.service(job))


def _command(service: Provider | None, job: Job, here: Sequence[JobPhoto]) -> str:
    """The order as a command for a terminal; empty where there is none."""
    if service is None or not command(service, job.as_order()):
        return ""
    return command(service, job.as_order(photos=grants.named(here)))


def _photo_advice(job: Job, here: Sequence[JobPhoto]) -> Verdict | None:
    if job.failure_code != "provider" or job.photo_set is None:
        return None
    found = verdict(job.photo_set, [row.photo for row in here])
    return found if found is not None and found.hurts else None


def _merit(image: GeneratedImage) -> tuple[bool, bool, int, int]:
    """A starred picture before others, a result before a sample, a late sample before an early one."""
    return (image.starred, not image.is_sample, _step(image), -image.position)


def _step(image: GeneratedImage) -> int:
    step = image.artifact.get("step")
    return step if isinstance(step, int) else 0


def _samples(images: Iterable[GeneratedImage]) -> tuple[Samples, ...]:
    steps: dict[int, list[GeneratedImage]] = defaultdict(list)
    for image in images:
        if image.is_sample:
            steps[_step(image)].append(image)
    return tuple(Samples(step, tuple(pictures)) for step, pictures in sorted(steps.items()))


def _models(job: Job) -> tuple[Model, ...]:
    if not Kind(job.kind).trains:
        return ()
    found = list(job.checkpoints.filter(deleted_at=None))
    for checkpoint in found:
        checkpoint.job = job
    return models(found)


def _newest_model(job: Job, found: Iterable[Model]) -> Checkpoint | None:
    drew = () if Kind(job.kind).trains or job.checkpoint is None else models([job.checkpoint])
    return next((model.checkpoint for model in (*found, *drew) if model.may_generate), None)
