"""A clone that nobody changed orders the same, whatever was ordered and wherever."""

from typing import Any

import pytest

from jobs.forms.generation import NewGeneration
from jobs.forms.new_job import NewJob
from jobs.forms.training import NewTraining
from jobs.models import ApiKey, Job
from jobs.operations.jobs.order import JobDraft
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.pages.order_summary import differences
from jobs.providers.base import Capability
from jobs.providers.order import Kind
from jobs.providers.params import Param, Type
from jobs.providers.registry import PROVIDERS
from jobs.views.new_job import first_generation, first_training
from tests.jobs.factories import make_checkpoint, make_job
from tests.properties import HealthCheck, assume, given, settings, st

CASES = [
    (slug, kind)
    for slug in sorted(PROVIDERS)
    for kind in Kind
    if provider(slug).can(Capability.GENERATE if kind is Kind.GENERATION else Capability.TRAIN)
]
PROMPTS = "photo of ukj dog, in snow\na portrait"

pytestmark = pytest.mark.django_db


def answers(param: Param) -> list[str]:
    """What somebody may type for *param*, nothing at all included."""
    bounds = [str(bound) for bound in (param.minimum, param.maximum) if bound is not None]
    listed = [choice.value for choice in param.choices]
    if param.type is Type.YES_NO:
        return ["", "on"]
    if param.type is Type.CHOICE and not param.free:
        return [*listed, *([] if param.default is not None else [""])]
    return [
        "",
        *bounds,
        *listed,
        *{Type.SEED: ["7"], Type.INTEGERS: ["300, 100"], Type.TEXT: ["a"]}.get(param.type, []),
    ]


def form(kind: Kind, key: ApiKey, typed: dict[str, Any]) -> NewJob:
    made = NewTraining if kind.trains else NewGeneration
    return made(key.workspace, {"api_key": key.pk} | typed, checked=True)


def ordered(draft: JobDraft, photos: list[Any]) -> Job:
    row = {"workspace": draft.api_key.workspace, "api_key": draft.api_key, "provider": draft.api_key.provider}
    job = Job.ordered(draft, **row, photo_set=draft.photo_set, photo_count=len(photos), checkpoint=draft.checkpoint)
    job.save()
    sent_copy.freeze(job, photos)
    return job


@pytest.mark.parametrize(("slug", "kind"), CASES)
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
def test_a_clone_of_anything_unchanged_shows_no_difference(studio, rex, slug, kind, data):
    service = provider(slug)
    told = {param.name: "told" for param in service.key_params if param.type is not Type.SECRET}
    key, _ = ApiKey.objects.get_or_create(workspace=studio, provider=slug, label="Key", defaults={"options": told})
    prompts = PROMPTS if kind.generates else ""
    source = {"source": f"b:{slug}:{service.base_models[0].id}"} if kind is Kind.GENERATION else {}
    model = {"base_model": data.draw(st.sampled_from(service.base_models)).id} if kind.trains else {}
    begun = form(kind, key, {"token": "ukj", "class_word": "dog", "prompts": prompts, **source, **model})
    params = {
        f"{prefix}{param.name}": param
        for prefix, asked in (("t-", service.training_params), ("g-", service.generation_params))
        for param in asked
        if f"{prefix}{param.name}" in begun.fields
    }
    changed = data.draw(st.lists(st.sampled_from(sorted(params)), max_size=6, unique=True))
    typed = dict(begun.initial) | {name: data.draw(st.sampled_from(answers(params[name]))) for name in changed}
    first = form(kind, key, typed)
    assume(first.is_valid())

    photos = first.to_send if isinstance(first, NewTraining) else []
    job = ordered(first.draft(), photos)
    begin = first_training if kind.trains else first_generation
    clone = form(kind, key, begin(studio, {"clone": str(job.pk)}))

    assert clone.errors == {}
    assert differences(clone.draft(), job, photos) == []
    assert clone.draft().is_same_work(job.spec)


def of_an_older_version(kept: dict[str, Any], params: tuple[Param, ...], dropped: set[str]) -> dict[str, Any]:
    """The values *kept* of an order, as a version had them that knew none of the params *dropped*, and that kept what
    counts only with a tick without it, too."""
    idle = {param.name: param.default for param in params if param.needs and param.default is not None}
    return {name: value for name, value in (idle | kept).items() if name not in dropped}


@pytest.mark.parametrize(("slug", "kind"), CASES)
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_clone_of_what_an_older_version_ordered_shows_no_difference(studio, rex, slug, kind, data):
    service = provider(slug)
    told = {param.name: "told" for param in service.key_params if param.type is not Type.SECRET}
    key, _ = ApiKey.objects.get_or_create(workspace=studio, provider=slug, label="Key", defaults={"options": told})
    source = {"source": f"b:{slug}:{service.base_models[0].id}"} if kind is Kind.GENERATION else {}
    prompts = PROMPTS if kind.generates else ""
    first = form(kind, key, {"token": "ukj", "class_word": "dog", "prompts": prompts, **source})
    photos = first.to_send if isinstance(first, NewTraining) else []
    params = (*service.training_params, *service.generation_params)
    newer = sorted({param.name for param in params if not param.required})
    dropped = data.draw(st.sets(st.sampled_from(newer)))
    job = ordered(first.draft(), photos)
    job.order |= {
        "training": of_an_older_version(job.order["training"], service.training_params, dropped),
        "generations": [
            of_an_older_version(one, service.generation_params, dropped) for one in job.order["generations"]
        ],
    }
    job.save(update_fields=["order"])
    begin = first_training if kind.trains else first_generation
    clone = form(kind, key, begin(studio, {"clone": str(job.pk)}))
    assert differences(clone.draft(), job, photos) == []


@pytest.mark.parametrize("kind", [Kind.TRAINING, Kind.GENERATION])
@pytest.mark.parametrize("family", ["sd-v1", "sdxl-v1"])
def test_a_clone_of_what_began_with_a_model_of_ones_own_shows_no_difference(studio, mara, rex, kind, family):
    key = ApiKey.objects.create(workspace=studio, provider="dreamlook", label="Key")
    trained = make_job(studio, mara, provider="dreamlook", kind="training", token="ukj", class_word="dog", api_key=key)
    checkpoint = make_checkpoint(trained, model_type=family, base_model="juggernaut")
    start = {"base_model": f"checkpoint:{checkpoint.pk}"} if kind.trains else {"source": f"c{checkpoint.pk}"}
    first = form(kind, key, {"token": "ukj", "class_word": "dog", "prompts": "", **start})
    if not kind.trains:
        first = form(kind, key, {"prompts": "photo of ukj dog", **start})
    photos = first.to_send if isinstance(first, NewTraining) else []
    job = ordered(first.draft(), photos)
    begin = first_training if kind.trains else first_generation
    clone = form(kind, key, begin(studio, {"clone": str(job.pk)}))
    assert differences(clone.draft(), job, photos) == []
    assert clone.draft().is_same_work(job.spec)
