"""The order of pictures, from a checkpoint or from a base model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField

from jobs.forms import subject
from jobs.forms.new_job import OWN_SIZE, PICTURES, NewJob, Typed, base_model_of, is_id, prompts_field
from jobs.forms.starting_model import in_family, own_model, own_model_fields
from jobs.models import ApiKey, Checkpoint
from jobs.operations.jobs.order import JobDraft
from jobs.operations.providers import provider
from jobs.providers.base import Capability, Provider
from jobs.providers.order import BaseModel, Kind
from jobs.providers.params import Value

MOST_CHECKPOINTS_SHOWN = 100
TIMES = " \N{MULTIPLICATION SIGN} "


@dataclass(frozen=True)
class Source:
    """What pictures are made with: a *checkpoint*, or the base model called *base_model*."""

    provider: str
    checkpoint: Checkpoint | None = None
    base_model: str = ""

    @property
    def value(self) -> str:
        return f"c{self.checkpoint.pk}" if self.checkpoint else f"b:{self.provider}:{self.base_model}"

    @property
    def is_typed(self) -> bool:
        """Whether it is a base model whose name is yet to be typed."""
        return self.checkpoint is None and not self.base_model

    @property
    def goal(self) -> str:
        """What the photos show that the checkpoint learnt from; a base model draws whatever it is told, as a style."""
        if self.checkpoint is None:
            return "style"
        return self.checkpoint.job.photo_set.subject if self.checkpoint.job.photo_set else ""

    @property
    def label(self) -> str:
        if self.is_typed:
            return f"Another one at {provider(self.provider).label}, by its name"
        if self.checkpoint is None:
            return base_model_of(provider(self.provider), self.base_model).label
        return str(self.checkpoint)


class NewGeneration(NewJob):
    """A model, prompts, and how the pictures should be."""

    kind = "generation"
    capability = Capability.GENERATE
    called_here: ClassVar[Mapping[str, str]] = {
        "prompt": "prompts",
        "base_model": "source",
        "checkpoint_id": "source",
    }

    suggested = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    """The prompt we wrote ourselves, which a change of model may replace."""
    prompts = prompts_field(
        label="What should the pictures show?",
        help_text="One idea a line: each line is its own set of pictures.",
        error_messages={"required": "Say what the pictures should show, one prompt a line."},
    )

    def _chosen_key(self, typed: Typed) -> ApiKey | None:
        """The key chosen, if the source's provider takes it; the sources follow from all keys."""
        self.sources = _sources(self, str(typed.get("source", "")))
        chosen = str(typed.get("source", ""))
        self.source = next((s for s in self.sources if s.value == chosen), self.sources[0] if self.sources else None)
        self.keys = [key for key in self.keys if self.source and key.provider == self.source.provider]
        made_with = self.source.checkpoint.job.api_key_id if self.source and self.source.checkpoint else None
        self.keys.sort(key=lambda key: key.pk != made_with)  # a checkpoint lies in the account that trained it
        return super()._chosen_key(typed)

    def _settled(self, typed: Typed) -> dict[str, Any]:
        values = super()._settled(typed)
        suggestion = self._suggested_prompt()
        if str(values.get("prompts", "")).strip() == str(values.get("suggested", "")).strip():
            values["prompts"] = suggestion
        return {"source": self.source.value if self.source else "", **values, "suggested": suggestion}

    def _suggested_prompt(self) -> str:
        made_by = self.source.checkpoint.job.spec if self.source and self.source.checkpoint else None
        return subject.in_words(made_by.token, made_by.class_word) if made_by else ""

    @property
    def goal(self) -> str:
        """What the pictures may show, in the word that photo sets use for it."""
        return self.source.goal if self.source else ""

    def nameless_prompts(self) -> list[str]:
        """The prompts of a checked form that do not name what the model learnt."""
        made_by = self.source.checkpoint.job.spec if self.source and self.source.checkpoint else None
        prompts: list[str] = self.cleaned_data.get("prompts") or []
        return [
            prompt for prompt in prompts if made_by and made_by.token and not subject.is_named(prompt, made_by.token)
        ]

    def _add_fields(self, values: Typed) -> dict[str, Any]:
        self.fields["source"] = self._source_field()
        if self.provider is None or self.source is None:
            return {}
        self.base_model = self._model(self.provider, self.source, values)
        self.fields |= own_model_fields(self.provider) if self.source.is_typed else {}
        followed = self._add_picture_params(values, self.base_model)
        if f"{PICTURES}width" in self.fields and f"{PICTURES}height" in self.fields:
            self.fields["shape"] = self._shape_field()
        return followed

    def _model(self, service: Provider, source: Source, values: Typed) -> BaseModel:
        if source.is_typed:
            return own_model(service, values)
        known = base_model_of(service, self._base_model_id())
        return in_family(service, known, source.checkpoint.model_type) if source.checkpoint else known

    def _base_model_id(self) -> str:
        checkpoint = self.source.checkpoint if self.source else None
        return checkpoint.base_model if checkpoint else self.source.base_model if self.source else ""

    def _source_field(self) -> forms.Field:
        own = [(source.value, source.label) for source in self.sources if source.checkpoint]
        base = [(source.value, source.label) for source in self.sources if not source.checkpoint]
        groups = [(name, group) for name, group in (("Your models", own), ("Base models", base)) if group]
        wrong = {"invalid_choice": "This model can no longer be used. Choose another."}
        return forms.ChoiceField(label="Model", choices=groups, error_messages=wrong)

    def _shape_field(self) -> forms.Field:
        named = [
            (shape, f"{shape.capitalize()} {w}{TIMES}{h}") for shape, (w, h) in shapes(self.base_model.size).items()
        ]
        return forms.ChoiceField(
            label="Shape", choices=[*named, (OWN_SIZE, "Other")], initial="square", widget=forms.RadioSelect
        )

    def _draft(self, key: ApiKey, *, dry_run: bool) -> JobDraft:
        cleaned, checkpoint = self.cleaned_data, self.source.checkpoint if self.source else None
        trained = checkpoint.job.spec if checkpoint else None
        return JobDraft(
            kind=Kind.GENERATION,
            name=cleaned["name"] or self._own_name(),
            api_key=key,
            checkpoint=checkpoint,
            base_model=self._base_model_id() or self.base_model.id,
            model_type=self.base_model.type,
            token=trained.token if trained else "",
            class_word=trained.class_word if trained else "",
            generations=self._generations(),
            dry_run=dry_run,
            cloned_from=self.original(),
        )

    def _own_name(self) -> str:
        used = self.source.checkpoint if self.source else None
        return f"Pictures with {self.source.label if used and self.source else self.base_model.label}"[:120]

    def _generations(self) -> tuple[dict[str, Value], ...]:
        shared = self._given(PICTURES, self._picture_params()) | self._chosen_size()
        return tuple({"prompt": prompt, **shared} for prompt in self.cleaned_data["prompts"])

    def _chosen_size(self) -> dict[str, Value]:
        width, height = shapes(self.base_model.size).get(self.cleaned_data.get("shape", OWN_SIZE), (None, None))
        return {"width": width, "height": height} if width else {}

    def simple_fields(self) -> list[BoundField]:
        return [field for field in self._fields(PICTURES, expert=False) if field not in self.size_fields()]

    def size_fields(self) -> list[BoundField]:
        names = [f"{PICTURES}width", f"{PICTURES}height"]
        return [self[name] for name in names if "shape" in self.fields]

    def expert_fields(self) -> list[BoundField]:
        return self._fields(PICTURES, expert=True)


def shapes(edge: int) -> dict[str, tuple[int, int]]:
    """Width and height for each picture shape, for a base model that draws squares of *edge* pixels best."""
    long, short = (1216, 832) if edge >= 1024 else (edge * 3 // 2, edge)
    return {"square": (edge, edge), "portrait": (short, long), "landscape": (long, short)}


def _sources(form: NewGeneration, chosen: str) -> list[Source]:
    """What the workspace can generate with: its newest checkpoints (and the chosen one), the best one of the newest
    training first, then base models."""
    providers = list(dict.fromkeys(key.provider for key in form.keys))
    usable = form.workspace.checkpoints.usable().filter(provider__in=providers)
    usable = usable.select_related("job__photo_set").order_by("-id")
    shown = list(usable[:MOST_CHECKPOINTS_SHOWN])
    if chosen.startswith("c") and is_id(chosen[1:]) and int(chosen[1:]) not in {checkpoint.pk for checkpoint in shown}:
        shown += usable.filter(pk=chosen[1:])
    own = [Source(checkpoint.provider, checkpoint) for checkpoint in sorted(shown, key=attrgetter("rank"))]
    return own + [source for slug in providers for source in _of(provider(slug))]


def _of(service: Provider) -> Iterator[Source]:
    """The base models of *service*, and one to be typed where it takes that."""
    yield from (Source(service.slug, None, model.id) for model in service.base_models)
    if service.model_types:
        yield Source(service.slug)
