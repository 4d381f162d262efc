"""How an order differs from the job it began as a clone of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.forms import from_params
from jobs.models import Job, Photo
from jobs.operations.jobs.order import JobDraft
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.providers.order import LABELS, OrderSpec
from jobs.providers.params import Param, Value


@dataclass(frozen=True)
class Difference:
    """One thing that changed, in words. Empty texts mean: not set."""

    label: str
    before: str
    after: str


def differences(draft: JobDraft, job: Job, photos: Sequence[Photo] = ()) -> list[Difference]:
    """What *draft*, which sends *photos*, asks for differently than *job* did."""
    service = provider(draft.api_key.provider)
    ordered = job.spec
    found = [*_facts(draft, job, ordered), *_values(service.training_params, ordered.training, draft.training)]
    if draft.kind.generates:
        before, after = (next(iter(order.generations), {}) for order in (ordered, draft))
        found += _values(service.generation_params, before, after)
    if draft.kind.trains and draft.photo_set == job.photo_set:
        found.append(Difference("In the set since", "", ", ".join(sent_copy.changes(job, photos))))
    return [difference for difference in found if difference.before != difference.after]


def _facts(draft: JobDraft, job: Job, ordered: OrderSpec) -> Iterator[Difference]:
    yield Difference("Photos", _name(job.photo_set), _name(draft.photo_set))
    yield Difference("API key", _name(job.api_key), _name(draft.api_key))
    yield Difference("Model", _model(job), _model(draft))
    for name, label in LABELS.items():
        yield Difference(label, str(getattr(ordered, name)), str(getattr(draft, name)))
    yield Difference("Prompts", _prompts(ordered.generations), _prompts(draft.generations))


def _values(params: tuple[Param, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(param.label, _text(before.get(param.name)), _text(after.get(param.name)))
        for param in params
        if param.name != "prompt"
    ]


def _text(value: Value) -> str:
    return "" if value is None else str(from_params.written(value))


def _name(thing: object) -> str:
    return "" if thing is None else str(thing)


def _model(order: Job | JobDraft) -> str:
    return str(order.checkpoint) if order.checkpoint else order.base_model


def _prompts(generations: Iterable[Mapping[str, Any]]) -> str:
    return " / ".join(str(values.get("prompt", "")) for values in generations)
