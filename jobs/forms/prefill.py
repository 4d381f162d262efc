"""What a new order begins with when somebody comes from a job, a checkpoint, a photo set or a picture."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from dashboard.models import Workspace
from jobs.forms import from_params, subject
from jobs.forms.generation import OWN, PICTURES, Source, shapes
from jobs.forms.new_job import is_id
from jobs.forms.training import TRAINING
from jobs.models import GeneratedImage, Job
from jobs.operations.providers import provider
from jobs.providers.registry import PROVIDERS

Values = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def training(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a training for `?clone=` or `?photo_set=`. Raises `Http404` for what is not there."""
    if "clone" in asked:
        return training_like(_one(workspace.jobs.present(), asked["clone"]))
    if "photo_set" in asked:
        return {"photo_set": _one(workspace.photo_sets.present(), asked["photo_set"]).pk}
    return {}


def generation(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a generation for `?clone=`, `?image=` or `?checkpoint=`. Raises `Http404` as `training`."""
    if "clone" in asked:
        return generation_like(_one(workspace.jobs.present(), asked["clone"]))
    if "image" in asked:
        images = workspace.generated_images.filter(deleted_at=None).select_related("job", "checkpoint")
        return like_image(_one(images, asked["image"]))
    if "checkpoint" in asked:
        return {"source": f"c{_one(workspace.checkpoints.usable(), asked['checkpoint']).pk}"}
    return {}


def training_like(job: Job) -> Values:
    """The form as *job* was ordered."""
    pictures = dict(job.generations[0]) if job.generations else {}
    return {
        **_common(job),
        "photo_set": job.photo_set_id or "",
        "preset": job.preset,
        "base_model": job.base_model,
        "token": job.token,
        "class_word": job.class_word,
        **_prefixed(TRAINING, job.training),
        **_prefixed(PICTURES, pictures),
        "prompts": "\n".join(subject.unnamed(prompt, job.token, job.class_word) for prompt in _prompts(job)),
    }


def generation_like(job: Job) -> Values:
    """The form as *job* was ordered."""
    source = Source(job.provider, job.checkpoint, job.base_model)
    first = dict(job.generations[0]) if job.generations else {}
    return {**_common(job), "source": source.value, **_pictures(first, job), "prompts": "\n".join(_prompts(job))}


def like_image(image: GeneratedImage) -> Values:
    """The form that makes *image* again, its seed included."""
    source = Source(image.job.provider, image.checkpoint, image.job.base_model)
    seed = {f"{PICTURES}seed": image.seed} if image.seed is not None else {}
    pictures = _pictures(image.settings, image.job)
    return {"api_key": image.job.api_key_id or "", "source": source.value, **pictures, "prompts": image.prompt, **seed}


def _common(job: Job) -> Values:
    return {"api_key": job.api_key_id or "", "name": next_name(job.name), "clone": job.pk}


def next_name(name: str) -> str:
    """ "Rex" becomes "Rex 2", "Rex 2" becomes "Rex 3"."""
    stem, _, number = name.rpartition(" ")
    if stem and is_id(number) and len(number) < 4:
        return f"{stem} {int(number) + 1}"
    return f"{name[:115]} 2"


def _pictures(values: Mapping[str, Any], job: Job) -> Values:
    return {**_prefixed(PICTURES, values), "shape": _shape(values, job)}


def _shape(values: Mapping[str, Any], job: Job) -> str:
    models = provider(job.provider).base_models if job.provider in PROVIDERS else ()
    edge = next((model.size for model in models if model.id == job.base_model), 512)
    size = (values.get("width"), values.get("height"))
    return next((shape for shape, wanted in shapes(edge).items() if wanted == size), OWN)


def _prompts(job: Job) -> list[str]:
    return [str(values.get("prompt", "")) for values in job.generations]


def _prefixed(prefix: str, values: Mapping[str, Any]) -> Values:
    written = {name: from_params.written(value) for name, value in values.items() if name != "prompt"}
    return {f"{prefix}{name}": value for name, value in written.items()}


def _one(rows: QuerySet[Row], number: str) -> Row:
    return get_object_or_404(rows, pk=number if is_id(number) else 0)
