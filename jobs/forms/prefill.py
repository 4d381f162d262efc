"""What a new order begins with when somebody comes from a job, a checkpoint, a photo set or a picture."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from dashboard.models import Workspace
from jobs.forms import from_params, subject
from jobs.forms.generation import OWN, PICTURES, Source, shapes
from jobs.forms.ideas import first_ideas
from jobs.forms.new_job import is_id
from jobs.forms.starting_model import OWN as OWN_MODEL
from jobs.forms.starting_model import value
from jobs.forms.training import TRAINING
from jobs.models import Checkpoint, GeneratedImage, Job, PhotoSet
from jobs.operations.providers import provider
from jobs.providers.order import LABELS, OrderSpec
from jobs.providers.params import Param
from jobs.providers.registry import PROVIDERS

Values = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def training(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a training for `?clone=`, `?checkpoint=` or `?photo_set=` (and `&ideas=`).

    Raises `Http404` for what is not there.
    """
    if "clone" in asked:
        return training_like(_one(workspace.jobs.present(), asked["clone"]))
    if "checkpoint" in asked:
        return training_from(_one(workspace.checkpoints.usable().select_related("job__api_key"), asked["checkpoint"]))
    if "photo_set" in asked:
        return training_on(_one(workspace.photo_sets.present(), asked["photo_set"]), with_ideas="ideas" in asked)
    return {}


def training_on(photo_set: PhotoSet, *, with_ideas: bool) -> Values:
    """The form for *photo_set*, with a few pictures to make from it for somebody who wants to see how it goes."""
    prompts = {"prompts": first_ideas(photo_set.subject)} if with_ideas else {}
    return {"photo_set": photo_set.pk, **prompts}


def generation(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a generation for `?clone=`, `?image=` or `?checkpoint=`. Raises `Http404` as `training`."""
    if "clone" in asked:
        return generation_like(_one(workspace.jobs.present(), asked["clone"]))
    if "image" in asked:
        images = workspace.generated_images.filter(deleted_at=None).select_related("job__api_key", "checkpoint")
        return like_image(_one(images, asked["image"]))
    if "checkpoint" in asked:
        return {"source": f"c{_one(workspace.checkpoints.usable(), asked['checkpoint']).pk}"}
    return {}


def training_like(job: Job) -> Values:
    """The form as *job* was ordered."""
    order = job.spec
    return {
        **_common(job),
        "photo_set": job.photo_set_id or "",
        "preset": order.preset,
        **_start(job),
        **{name: getattr(order, name) for name in LABELS},
        **_given(TRAINING, _training_params(job), order.training),
        **(_given(PICTURES, _generation_params(job), order.generations[0]) if order.generations else {}),
        "prompts": "\n".join(subject.unnamed(prompt, order.token, order.class_word) for prompt in _prompts(order)),
    }


def training_from(checkpoint: Checkpoint) -> Values:
    """The form that trains on from *checkpoint*, as it was trained."""
    like = training_like(checkpoint.job) | {"base_model": value(checkpoint), "prompts": ""}
    return {name: given for name, given in like.items() if name != "clone"}


def _start(job: Job) -> Values:
    """What *job* began with, as the form says it."""
    if job.checkpoint:
        return {"base_model": value(job.checkpoint)}
    return _own(job) if _is_typed(job) else {"base_model": job.base_model}


def _is_typed(job: Job) -> bool:
    """Whether the base model of *job* is none of the list, where others can be typed."""
    service = provider(job.provider) if job.provider in PROVIDERS else None
    if service is None or not service.model_types:
        return False
    return job.base_model not in {model.id for model in service.base_models}


def _own(job: Job) -> Values:
    return {"base_model": OWN_MODEL, "own_model": job.base_model, "own_model_type": job.spec.model_type}


def generation_like(job: Job) -> Values:
    """The form as *job* was ordered."""
    order = job.spec
    return {
        **_common(job),
        **_source(job, job.checkpoint),
        **_pictures(next(iter(order.generations), {}), job),
        "prompts": "\n".join(_prompts(order)),
    }


def _source(job: Job, checkpoint: Checkpoint | None) -> Values:
    """What pictures of *job* are made with, as the form says it."""
    if checkpoint is None and _is_typed(job):
        return {**_own(job), "source": Source(job.provider).value}
    return {"source": Source(job.provider, checkpoint, job.base_model).value}


def like_image(image: GeneratedImage) -> Values:
    """The form that makes *image* again, its seed included."""
    source = _source(image.job, image.checkpoint)
    seed = {f"{PICTURES}seed": image.seed} if image.seed is not None else {}
    pictures = _pictures(image.settings, image.job)
    return {**_key(image.job), **source, **pictures, "prompts": image.prompt, **seed}


def _common(job: Job) -> Values:
    # What was only rehearsed was not made yet: its name is not taken.
    return {**_key(job), "name": job.name if job.dry_run else next_name(job.name), "clone": job.pk}


def _key(job: Job) -> Values:
    """The key *job* went out with, unless it was revoked."""
    return {"api_key": job.api_key_id} if job.api_key and job.api_key.revoked_at is None else {}


def next_name(name: str) -> str:
    """ "Rex" becomes "Rex 2", "Rex 2" becomes "Rex 3", "Rex (2 of 5)" becomes "Rex 2"."""
    name = re.sub(r" \(\d{1,2} of \d{1,2}\)$", "", name)
    stem, _, number = name.rpartition(" ")
    if stem and is_id(number) and len(number) < 4:
        return f"{stem} {int(number) + 1}"
    return f"{name[:115]} 2"


def _pictures(values: Mapping[str, Any], job: Job) -> Values:
    return {**_given(PICTURES, _generation_params(job), values), "shape": _shape(values, job)}


def _shape(values: Mapping[str, Any], job: Job) -> str:
    model = provider(job.provider).base_model(job.base_model) if job.provider in PROVIDERS else None
    edge = model.size if model else 512
    size = (values.get("width"), values.get("height"))
    return next((shape for shape, wanted in shapes(edge).items() if wanted == size), OWN)


def _prompts(order: OrderSpec) -> list[str]:
    return [str(values.get("prompt", "")) for values in order.generations]


def _given(prefix: str, params: Iterable[Param], values: Mapping[str, Any]) -> Values:
    """*values* as they stand in the form. What was left empty stays so, instead of beginning with its default."""
    empty = {param.name: "" for param in params if from_params.can_be_empty(param)}
    written = empty | {name: from_params.written(value) for name, value in values.items()}
    return {f"{prefix}{name}": value for name, value in written.items() if name != "prompt"}


def _training_params(job: Job) -> tuple[Param, ...]:
    return provider(job.provider).training_params if job.provider in PROVIDERS else ()


def _generation_params(job: Job) -> tuple[Param, ...]:
    return provider(job.provider).generation_params if job.provider in PROVIDERS else ()


def _one(rows: QuerySet[Row], number: str) -> Row:
    return get_object_or_404(rows, pk=number if is_id(number) else 0)
