"""The order of a training, with pictures to make from it when it is done."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.forms import BoundField

from dashboard.models import Workspace
from dashboard.numbers import whole_number
from jobs.forms import from_params, subject
from jobs.forms.new_job import PICTURES, NewJob, Typed, is_id, prompts_field
from jobs.forms.starting_model import (
    OWN,
    own_model_fields,
    starting_model,
    starting_model_field,
    usable_checkpoints,
)
from jobs.models import ApiKey, Photo, PhotoSet
from jobs.operations.jobs.order import JobDraft, named
from jobs.operations.photo_grants import reachability
from jobs.providers.base import Capability, Provider
from jobs.providers.order import Kind, OrderPhoto
from jobs.providers.params import Param, Preset, Value

TRAINING = "t-"

MOST_SETS_SHOWN = 60


def _word(value: str) -> None:
    if not all(_is_of_words(sign) for sign in value):
        raise forms.ValidationError("One word of letters and digits, please, without spaces.")


def _words(value: str) -> None:
    if not all(_is_of_words(sign) or sign == " " for sign in value):
        raise forms.ValidationError("Letters and spaces only, please: dog, young woman.")


def _is_of_words(sign: str) -> bool:
    """Letters of any script with the vowel signs and joiners that belong to them, digits, hyphens and underscores."""
    return sign.isalnum() or sign in "-_\u200c\u200d" or unicodedata.category(sign).startswith("M")


class NewTraining(NewJob):
    """Photos, a goal, and what to do with the model when it is trained."""

    kind = "training"
    capability = Capability.TRAIN
    called_here: ClassVar[Mapping[str, str]] = {
        "prompt": "prompts",
        "photos": "photo_set",
        "checkpoint_id": "base_model",
    }

    applied = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    """Which choice the provider's fields were filled for, so that the next choice can fill them again, once."""
    token = forms.CharField(
        label="Its name in prompts",
        max_length=40,
        validators=[_word],
        help_text="Short and without meaning, so that the model connects nothing else with it.",
        error_messages={"required": "Give your subject a short name, for example ukj."},
    )
    class_word = forms.CharField(
        label="What it is",
        max_length=40,
        validators=[_words],
        help_text="In one word: person, woman, man, dog, cat, mug, style.",
        error_messages={"required": "Say in one word what it is, for example dog."},
    )
    prompts = prompts_field(
        label="Pictures to make when it is trained",
        required=False,
        help_text="One idea a line. The subject’s name is put in front. Leave it empty to train only.",
        placeholder="on a beach at sunset\nin a library, soft light",
    )

    def _settled(self, typed: Typed) -> dict[str, Any]:
        values = super()._settled(typed)
        self.photo_sets = usable_sets(self.workspace, str(values.get("photo_set", "")))
        self.chosen_set = chosen_set(self.photo_sets, values)
        self.photos_waiting = self.chosen_set.photos.waiting().to_order().count() if self.chosen_set else 0
        self.chosen_preset = self._chosen_preset(values)
        return {**values, **self._fitted(values), "photo_set": self.chosen_set.pk if self.chosen_set else ""}

    def _chosen_preset(self, values: Typed) -> Preset | None:
        """The preset chosen; when the photos show something else than before, the one advised for that."""
        presets = self.provider.presets if self.provider else ()
        goal = self.chosen_set.subject if self.chosen_set else ""
        advised = next((preset for preset in presets if preset.goal == goal), presets[0] if presets else None)
        was_for = str(values.get("applied", "")).split(":")[:2]
        if "preset" not in values or (len(was_for) == 2 and was_for != [str(self.key.pk if self.key else ""), goal]):
            return advised
        return next((preset for preset in presets if preset.slug == values["preset"]), None)

    def _fitted(self, values: Typed) -> dict[str, Any]:
        """What the choice of key, preset and photos fills in, if it changed since the fields were last filled."""
        now, before = self._choice(), str(values.get("applied", ""))
        fitted: dict[str, Any] = {"applied": now, "preset": self.chosen_preset.slug if self.chosen_preset else ""}
        if before == now or self.chosen_preset is None:
            return fitted
        if before.split(":")[:3] != now.split(":")[:3]:
            self.was_refitted = bool(before)
            fitted |= self._preset_values(self.chosen_preset, values, anew=bool(before))
        elif self.chosen_preset.steps_per_photo and self._has_advised_steps(self.chosen_preset, values, before):
            steps = self._steps(self.chosen_preset, self.photo_count)
            self.was_refitted = str(values.get(f"{TRAINING}steps", steps)) != str(steps)
            fitted[f"{TRAINING}steps"] = steps
        return fitted

    def _has_advised_steps(self, preset: Preset, values: Typed, before: str) -> bool:
        """Whether the steps are those we filled in for the photos there were *before*, and not somebody's own."""
        photos = whole_number(before.rpartition(":")[2], most=99_999)
        advised = 0 if photos is None else self._steps(preset, photos)
        return str(values.get(f"{TRAINING}steps", advised)) == str(advised)

    def _choice(self) -> str:
        goal = self.chosen_set.subject if self.chosen_set else ""
        preset = self.chosen_preset.slug if self.chosen_preset else ""
        return f"{self.key.pk if self.key else ''}:{goal}:{preset}:{self.photo_count}"

    def _preset_values(self, preset: Preset, values: Typed, *, anew: bool) -> dict[str, Any]:
        """The preset's values. Only a change of mind (*anew*) overwrites what stands in the form."""
        filled: dict[str, Any] = {
            f"{TRAINING}{name}": from_params.written(value) for name, value in preset.values.items()
        }
        if preset.steps_per_photo and self.photo_count:
            filled[f"{TRAINING}steps"] = self._steps(preset, self.photo_count)
        filled["base_model"] = preset.base_model
        if values.get("class_word", "") in {"", *self._preset_words()}:
            filled["class_word"] = preset.class_word
        return filled if anew else {name: value for name, value in filled.items() if name not in values}

    def _preset_words(self) -> set[str]:
        return {preset.class_word for preset in self.provider.presets} if self.provider else set()

    def _steps(self, preset: Preset, photos: int) -> int:
        wanted = (preset.steps_per_photo or 0) * photos
        bounds = next((param for param in self._training_params() if param.name == "steps"), None)
        least, most = (bounds.minimum or 0, bounds.maximum or wanted) if bounds else (0, wanted)
        return int(min(max(wanted, least), most))

    def _training_params(self) -> tuple[Param, ...]:
        return self.provider.training_params if self.provider else ()

    def _picture_params(self) -> tuple[Param, ...]:
        can = self.provider is not None and self.provider.can(Capability.TRAIN_AND_GENERATE)
        return super()._picture_params() if can else ()

    @property
    def photo_count(self) -> int:
        """How many photos are ordered, those included that are still getting ready."""
        return self.chosen_set.photo_count + self.photos_waiting if self.chosen_set else 0

    def _add_fields(self, values: Typed) -> dict[str, Any]:
        self.fields["photo_set"] = photo_set_field(self.photo_sets)
        if self.provider is None:
            return {}
        self._add_choices(self.provider, values)
        self._add_params(TRAINING, self._training_params(), self.start.model.type, {})
        self.fields["token"].initial = subject.suggest_token()
        vars(self.fields["token"]).update(provider_name="token")
        return self._add_picture_params(values, self.start.model)

    def _add_choices(self, service: Provider, values: Typed) -> None:
        presets = [(preset.slug, preset.label) for preset in service.presets]
        self.fields["preset"] = forms.ChoiceField(
            choices=presets, required=False, widget=forms.RadioSelect, label="Goal"
        )
        chosen = str(values.get("base_model", ""))
        checkpoints = usable_checkpoints(self.workspace.checkpoints.all(), service, chosen)
        self.start = starting_model(service, checkpoints, values)
        self.fields["base_model"] = starting_model_field(service, checkpoints)
        self.fields |= own_model_fields(service) if chosen == OWN and service.model_types else {}

    def _draft(self, key: ApiKey, *, dry_run: bool) -> JobDraft:
        cleaned = self.cleaned_data
        return JobDraft(
            kind=Kind.TRAIN_AND_GENERATE if cleaned["prompts"] else Kind.TRAINING,
            name=cleaned["name"] or (self.chosen_set.name if self.chosen_set else "Training"),
            api_key=key,
            photo_set=self.chosen_set,
            checkpoint=self.start.checkpoint,
            base_model=self.start.model.id,
            model_type=self.start.model.type,
            preset=cleaned["preset"],
            **self._asked(),
            training=self._given(TRAINING, self._training_params()),
            generations=self._generations(),
            dry_run=dry_run,
            cloned_from=self.original(),
            seen=str(self.data.get("seen", "")),
        )

    def _generations(self) -> tuple[dict[str, Value], ...]:
        shared = self._given(PICTURES, self._picture_params())
        token, class_word = self.cleaned_data["token"], self.cleaned_data["class_word"]
        prompts = (subject.named(prompt, token, class_word) for prompt in self.cleaned_data["prompts"])
        return tuple({"prompt": prompt, **shared} for prompt in prompts)

    @cached_property
    def to_send(self) -> list[Photo]:
        """The photos that go out if this is ordered now, some of them perhaps once they are ready."""
        return list(self.chosen_set.photos.to_order().in_order()) if self.chosen_set else []

    @cached_property
    def photos(self) -> tuple[OrderPhoto, ...]:
        """The photos by name and caption, where the service wants to know them."""
        wants = self.provider is not None and reachability.fetches(self.provider)
        return named(self.to_send) if wants else ()

    def simple_fields(self) -> list[BoundField]:
        return self._fields(TRAINING, expert=False)

    def expert_fields(self) -> list[BoundField]:
        return self._fields(TRAINING, expert=True)

    def picture_fields(self) -> list[BoundField]:
        return self._fields(PICTURES, expert=False)

    def expert_picture_fields(self) -> list[BoundField]:
        return self._fields(PICTURES, expert=True)

    def pictures_have_errors(self) -> bool:
        return any(field.errors for field in self.picture_fields()) or self.expert_pictures_have_errors()

    def expert_pictures_have_errors(self) -> bool:
        return any(field.errors for field in self.expert_picture_fields())

    def presets(self) -> tuple[Preset, ...]:
        return self.provider.presets if self.provider else ()


def usable_sets(workspace: Workspace, chosen: str) -> list[PhotoSet]:
    """The newest sets with photos in them, ready or about to be, and the chosen one however old or put away it is."""
    getting_ready = Exists(Photo.objects.filter(photo_set=OuterRef("pk")).waiting())
    usable = workspace.photo_sets.present().filter(Q(photo_count__gt=0) | getting_ready).order_by("-id")
    shown = list(usable.filter(archived_at=None)[:MOST_SETS_SHOWN])
    is_elsewhere = is_id(chosen) and int(chosen) not in {photo_set.pk for photo_set in shown}
    return [*shown, *usable.filter(pk=chosen)] if is_elsewhere else shown


def chosen_set(sets: Sequence[PhotoSet], values: Typed) -> PhotoSet | None:
    """The set that *values* name; the newest when nobody has chosen yet."""
    if "photo_set" not in values:
        return sets[0] if sets else None
    return next((photo_set for photo_set in sets if str(photo_set.pk) == str(values["photo_set"])), None)


def photo_set_field(sets: Iterable[PhotoSet]) -> forms.Field:
    """The field that asks for one of *sets*."""
    return forms.ChoiceField(
        label="Photos",
        choices=[(photo_set.pk, photo_set.name) for photo_set in sets],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the photos to train on.",
            "invalid_choice": "This photo set is no longer here. Choose another.",
        },
    )
