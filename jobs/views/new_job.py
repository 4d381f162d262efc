"""Ordering a job: one page for a training, one for pictures, and the parts of both that answer while one types.

An order begins empty, or with what somebody comes from: a job, a checkpoint, a photo set or a picture.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role, Workspace
from jobs import formats
from jobs.forms import from_params, starting_model, subject
from jobs.forms.generation import NewGeneration, Source, shapes
from jobs.forms.ideas import first_ideas
from jobs.forms.new_job import OWN_SIZE, PICTURES, NewJob, is_id
from jobs.forms.training import TRAINING, NewTraining
from jobs.models import Checkpoint, Job
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.order import PhotosChanged, create_each, recent_twin
from jobs.operations.providers import provider
from jobs.pages import photos_sent
from jobs.pages.order_summary import summary as summary_of
from jobs.providers.order import LABELS
from jobs.providers.params import Param
from jobs.providers.registry import PROVIDERS

FORMS: dict[str, type[NewJob]] = {"training": NewTraining, "generation": NewGeneration}
REFITTED = "The photos or your choices changed, so the settings were fitted again. Look at them once more, then start."
NUDGES = {
    "longer": (
        1.5,
        "Pictures that are not like them yet want a longer training: half as long again as last time. Everything else "
        "is as it was.",
    ),
    "shorter": (
        0.67,
        "Pictures that are too much like the photos want a shorter training: a third less than last time. Everything "
        "else is as it was.",
    ),
}
"""How much longer a training is tried once more, and why, by what stands in the address."""

Values = dict[str, Any]
Begin = Callable[[Workspace, Mapping[str, str]], Values]
Row = TypeVar("Row", bound=Model)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new_training(request: MemberRequest) -> HttpResponse:
    """Order a training, and pictures from it when it is done."""
    return _order(request, NewTraining) if request.method == "POST" else _begin(request, NewTraining, first_training)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new_generation(request: MemberRequest) -> HttpResponse:
    """Order pictures."""
    if request.method == "POST":
        return _order(request, NewGeneration)
    return _begin(request, NewGeneration, first_generation)


@require_POST
@access.members(Role.EDITOR)
def fields(request: MemberRequest) -> HttpResponse:
    """The form for what was just chosen, with what was typed still in it."""
    form = _form_class(request)(request.workspace, _typed(request))
    return render(request, "jobs/_order.html", _context(request, form))


@require_POST
@access.members(Role.EDITOR)
def summary(request: MemberRequest) -> HttpResponse:
    """The card beside the form, for what was just typed."""
    form = _form_class(request)(request.workspace, _typed(request), checked=True)
    return render(request, "jobs/_summary.html", _card(form, form))


def _begin(request: MemberRequest, form_class: type[NewJob], begin: Begin) -> HttpResponse:
    values = begin(request.workspace, request.GET.dict())
    form = form_class(request.workspace, values)
    original = form.original()
    if original is not None and original.field_errors:
        form = form_class(request.workspace, values, checked=True)
        form.say(original.field_errors)
    _, why = NUDGES.get(request.GET.get("nudge", ""), (1, ""))
    return _page(request, form, note=why if original is not None else "")


def _order(request: MemberRequest, form_class: type[NewJob]) -> HttpResponse:
    typed = _typed(request)
    if "refresh" in request.POST:
        return _page(request, form_class(request.workspace, typed))
    form = form_class(request.workspace, typed, checked=True)
    if form.was_refitted:
        return _page(request, form_class(request.workspace, typed), note=REFITTED, status=400)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _send(request, form)


def _send(request: MemberRequest, form: NewJob) -> HttpResponse:
    drafts = form.draft(dry_run="rehearse" in request.POST).split()
    key = form.cleaned_data["idempotency_key"]
    if not (form.cleaned_data["again"] or request.workspace.jobs.filter(idempotency_key=key).exists()):
        twin = recent_twin(request.workspace, request.user, drafts, key)
        if twin is not None:
            return _page(request, form, twin=twin, status=409)
    try:
        jobs = create_each(request.workspace, request.user, drafts, key)
    except PhotosChanged as changed:
        return _page(request, form, note=changed.sentence, status=409)
    except NotPossible as impossible:
        form.add_error(None, impossible.sentence)
        return _page(request, form, status=400)
    if len(jobs) == 1:
        return redirect("job", request.workspace.slug, jobs[0].pk)
    messages.success(request, f"{len(jobs)} orders are on their way: one for each prompt.")
    return redirect("jobs", request.workspace.slug)


def _page(
    request: MemberRequest, form: NewJob, *, note: str = "", twin: Job | None = None, status: int = 200
) -> HttpResponse:
    age = formats.age((timezone.now() - twin.created_at).total_seconds()) if twin else ""
    context = {**_context(request, form), "note": note, "twin": twin, "twin_age": age}
    return render(request, f"jobs/new_{form.kind}.html", context, status=status)


def _context(request: MemberRequest, form: NewJob) -> dict[str, Any]:
    checked = form if form.is_bound else type(form)(request.workspace, form.initial, checked=True)
    return {**_card(form, checked), "order_template": f"jobs/_order_{form.kind}.html"}


def _card(form: NewJob, checked: NewJob) -> dict[str, Any]:
    """The card beside *form*, by what it says once it is *checked*."""
    photos = checked.to_send if isinstance(checked, NewTraining) else []
    return {
        "form": form,
        "summary": summary_of(checked),
        "leaving_photos": photos_sent.of_draft(photos, checked.provider),
    }


def _form_class(request: MemberRequest) -> type[NewJob]:
    found = FORMS.get(request.POST.get("kind", ""))
    if found is None:
        raise Http404
    return found


def _typed(request: MemberRequest) -> dict[str, Any]:
    return request.POST.dict()


def first_training(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a training for `?clone=`, `?checkpoint=` or `?photo_set=`; `&ideas=` adds a few pictures to
    make from it, for somebody who wants to see how it goes.

    Raises `Http404` for what is not there.
    """
    if "clone" in asked:
        job = _one(workspace.jobs.present(), asked["clone"])
        factor, _ = NUDGES.get(asked.get("nudge", ""), (1.0, ""))
        return _training_like(job) | _length(job, factor)
    if "checkpoint" in asked:
        checkpoint = _one(workspace.checkpoints.usable().select_related("job__api_key"), asked["checkpoint"])
        like = _training_like(checkpoint.job) | {"base_model": starting_model.value(checkpoint), "prompts": ""}
        return {name: given for name, given in like.items() if name != "clone"}
    if "photo_set" in asked:
        photo_set = _one(workspace.photo_sets.present(), asked["photo_set"])
        prompts = {"prompts": first_ideas(photo_set.subject)} if "ideas" in asked else {}
        return {"photo_set": photo_set.pk, **prompts}
    return {}


def _training_like(job: Job) -> Values:
    """The form as *job* was ordered."""
    order, service = job.spec, provider(job.provider) if job.provider in PROVIDERS else None
    start = {"base_model": job.base_model}
    if job.checkpoint:
        start = {"base_model": starting_model.value(job.checkpoint)}
    elif _is_typed(job):
        start = _own(job)
    pictures = _given(PICTURES, _generation_params(job), order.generations[0]) if order.generations else {}
    prompts = [str(values.get("prompt", "")) for values in order.generations]
    return {
        **_common(job),
        "photo_set": job.photo_set_id or "",
        "preset": order.preset,
        **start,
        **{name: getattr(order, name) for name in LABELS},
        **_given(TRAINING, service.training_params if service else (), order.training),
        **pictures,
        "prompts": "\n".join(subject.unnamed(prompt, order.token, order.class_word) for prompt in prompts),
    }


def _length(job: Job, factor: float) -> Values:
    """How long the training of *job* is, times *factor*, as the form says it."""
    service = provider(job.provider) if job.provider in PROVIDERS and factor != 1 else None
    params = {param.name: param for param in service.training_params} if service else {}
    for name in service.length_params if service else ():
        param, before = params[name], job.spec.training.get(name)
        if isinstance(before, int):
            step = param.step or 1
            wanted = max(param.minimum or step, round(before * factor / step) * step)
            return {f"{TRAINING}{name}": int(min(wanted, param.maximum or wanted))}
    return {}


def first_generation(workspace: Workspace, asked: Mapping[str, str]) -> Values:
    """The first values of a generation for `?clone=`, `?checkpoint=`, or `?image=`, which makes that image again, with
    its seed. Raises `Http404` for what is not there.
    """
    if "clone" in asked:
        job = _one(workspace.jobs.present(), asked["clone"])
        drawn = job.spec.generations
        prompts = "\n".join(str(values.get("prompt", "")) for values in drawn)
        pictures = _pictures(next(iter(drawn), {}), job)
        return {**_common(job), **_source(job, job.checkpoint), **pictures, "prompts": prompts}
    if "image" in asked:
        images = workspace.generated_images.filter(deleted_at=None).select_related("job__api_key", "checkpoint")
        image = _one(images, asked["image"])
        source, pictures = _source(image.job, image.checkpoint), _pictures(image.settings, image.job)
        seed = {f"{PICTURES}seed": image.seed} if image.seed is not None else {}
        return {**_key(image.job), **source, **pictures, "prompts": image.prompt, **seed}
    if "checkpoint" in asked:
        return {"source": f"c{_one(workspace.checkpoints.usable(), asked['checkpoint']).pk}"}
    return {}


def _source(job: Job, checkpoint: Checkpoint | None) -> Values:
    """What pictures of *job* are made with, as the form says it."""
    if checkpoint is None and _is_typed(job):
        return {**_own(job), "source": Source(job.provider).value}
    return {"source": Source(job.provider, checkpoint, job.base_model).value}


def _is_typed(job: Job) -> bool:
    """Whether the base model of *job* is none of the list, where others can be typed."""
    service = provider(job.provider) if job.provider in PROVIDERS else None
    if service is None or not service.model_types:
        return False
    return job.base_model not in {model.id for model in service.base_models}


def _own(job: Job) -> Values:
    typed = {"own_model": job.base_model, "own_model_type": job.spec.model_type}
    return {"base_model": starting_model.OWN, **typed}


def _common(job: Job) -> Values:
    # What was only rehearsed was not made yet: its name is not taken.
    return {**_key(job), "name": job.name if job.dry_run else _next_name(job.name), "clone": job.pk}


def _key(job: Job) -> Values:
    """The key *job* went out with, unless it was revoked."""
    return {"api_key": job.api_key_id} if job.api_key and job.api_key.revoked_at is None else {}


def _next_name(name: str) -> str:
    """ "Rex" becomes "Rex 2", "Rex 2" becomes "Rex 3", "Rex (2 of 5)" becomes "Rex 2"."""
    name = re.sub(r" \(\d{1,2} of \d{1,2}\)$", "", name)
    stem, _, number = name.rpartition(" ")
    if stem and is_id(number) and len(number) < 4:
        return f"{stem} {int(number) + 1}"
    return f"{name[:115]} 2"


def _pictures(values: Mapping[str, Any], job: Job) -> Values:
    """The drawing settings *values*, with the shape that their size is."""
    model = provider(job.provider).base_model(job.base_model) if job.provider in PROVIDERS else None
    sizes, size = shapes(model.size if model else 512), (values.get("width"), values.get("height"))
    shape = next((shape for shape, wanted in sizes.items() if wanted == size), OWN_SIZE)
    return {**_given(PICTURES, _generation_params(job), values), "shape": shape}


def _generation_params(job: Job) -> tuple[Param, ...]:
    return provider(job.provider).generation_params if job.provider in PROVIDERS else ()


def _given(prefix: str, params: Iterable[Param], values: Mapping[str, Any]) -> Values:
    """*values* as they stand in the form. What was left empty stays so, instead of beginning with its default."""
    empty = {param.name: "" for param in params if from_params.can_be_empty(param)}
    written = empty | {name: from_params.written(value) for name, value in values.items()}
    return {f"{prefix}{name}": value for name, value in written.items() if name != "prompt"}


def _one(rows: QuerySet[Row], number: str) -> Row:
    return get_object_or_404(rows, pk=number if is_id(number) else 0)
