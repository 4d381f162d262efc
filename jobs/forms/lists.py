"""Long lists: which rows of them to show, where a page begins, and which rows were selected.

What to show of jobs and pictures stands in the address, so that what one sees can be bookmarked and shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict

from dashboard.models import Workspace
from dashboard.numbers import LARGEST_ID, whole_number
from jobs import search
from jobs.models import Checkpoint, Job
from jobs.models.job import JobQuerySet, ListTab
from jobs.models.result import GeneratedImageQuerySet
from jobs.providers.order import Kind

MOST_AT_ONCE = 500
MOST_CHOICES = 50
TABS: dict[str, str] = {"": "All", **{tab.value: str(tab.label) for tab in ListTab}}
KINDS = {
    Kind.TRAINING.value: "Trainings",
    Kind.GENERATION.value: "Pictures",
    Kind.TRAIN_AND_GENERATE.value: "Both in one",
}

Choices = list[tuple[int | str, str]]
Row = TypeVar("Row", Job, Checkpoint)


class _IdsInput(forms.HiddenInput):
    """Reads `id`, once for each checkbox, and `ids`, with commas, which the script sends for long selections."""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> list[str]:
        together = str(data.get(name, "")).split(",")
        single = data.getlist("id") if isinstance(data, MultiValueDict) else []
        return [text for text in [*together, *single] if text]


class IdsField(forms.Field):
    """Ids, each once, at most `MOST_AT_ONCE`."""

    widget = _IdsInput
    default_error_messages = {
        "required": "Select at least one picture.",
        "too_many": f"Up to {MOST_AT_ONCE} pictures at once. Select fewer, and come back for the rest.",
        "unreadable": "That selection could not be read. Go back, reload the page and select again.",
    }

    def to_python(self, value: list[str] | None) -> list[int]:
        texts = list(dict.fromkeys(value or []))
        if len(texts) > MOST_AT_ONCE:
            raise forms.ValidationError(self.error_messages["too_many"])
        numbers = [number for number in map(whole_number, texts) if number is not None]
        if len(numbers) < len(texts):
            raise forms.ValidationError(self.error_messages["unreadable"])
        return numbers


class SelectionForm(forms.Form):
    """The pictures to do something with."""

    ids = IdsField()

    @property
    def sentence(self) -> str:
        """What is wrong with the selection."""
        return " ".join(str(error) for error in self.errors.get("ids", []))


class PagingForm(forms.Form):
    """Rows older than the one with the id `before`; without it the newest."""

    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


@dataclass(frozen=True)
class JobFilter:
    """What of the job list to show, and which page: the jobs older than the job *before*, 0 for the newest.

    What makes no sense in the address is ignored.
    """

    tab: str = ""
    kind: str = ""
    person: int = 0
    words: str = ""
    before: int = 0

    @classmethod
    def asked(cls, given: Mapping[str, Any]) -> Self:
        """The filter that an address's query asks for."""
        tab, kind = str(given.get("tab", "")), str(given.get("kind", ""))
        return cls(
            tab=tab if tab in TABS else "",
            kind=kind if kind in KINDS else "",
            person=_id(given.get("person", "")),
            words=str(given.get("q", "")).replace("\x00", "").strip()[:100],
            before=_id(given.get("before", "")),
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.tab or self.kind or self.person or self.words)

    def matching(self, jobs: JobQuerySet) -> JobQuerySet:
        """Those of *jobs* that pass all filters, on any page."""
        found = self.matching_but_tab(jobs)
        return found.filter(list_tab=self.tab) if self.tab else found

    def matching_but_tab(self, jobs: JobQuerySet) -> JobQuerySet:
        """Those of *jobs* that pass the filters which a job's progress does not change."""
        jobs = search.having(jobs, self.words, "name")
        exact = {"kind": self.kind, "created_by": self.person}
        return jobs.filter(**{field: value for field, value in exact.items() if value})

    def query(self) -> dict[str, str]:
        """The query of this filter, without what is not filtered."""
        parts = {"tab": self.tab, "kind": self.kind, "person": self.person, "q": self.words, "before": self.before}
        return {name: str(value) for name, value in parts.items() if value}

    def address(self) -> str:
        """The address of this filter, below the list's own."""
        return f"?{urlencode(self.query())}"

    def on(self, tab: str) -> "JobFilter":
        """The same filters on another tab, from the top."""
        return replace(self, tab=tab, before=0)

    def after(self, job_id: int) -> "JobFilter":
        """The page of jobs older than *job_id*."""
        return replace(self, before=job_id)


def _id(text: object) -> int:
    return whole_number(str(text)) or 0


class SearchInput(forms.TextInput):
    input_type = "search"


class GalleryFilter(forms.Form):
    """What of the gallery to show; every filter is optional."""

    prompt = forms.CharField(
        label="Words of the prompt",
        required=False,
        max_length=200,
        widget=SearchInput(
            attrs={"class": "input", "placeholder": "Search prompts", "data-search": "", "autocomplete": "off"}
        ),
    )
    starred = forms.BooleanField(label="Starred", required=False)
    job = forms.IntegerField(label="Job", required=False, min_value=1, max_value=LARGEST_ID)
    model = forms.IntegerField(label="Model", required=False, min_value=1, max_value=LARGEST_ID)
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def matching(self, images: GeneratedImageQuerySet) -> GeneratedImageQuerySet:
        """Those of *images* that pass all filters; none when a filter could not be read."""
        if not self.is_valid():
            return images.none()
        images = search.having(images, self.cleaned_data["prompt"], "prompt")
        exact = {
            "starred": self.cleaned_data["starred"] or None,
            "job": self.cleaned_data["job"],
            "checkpoint": self.cleaned_data["model"],
        }
        return images.filter(**{field: value for field, value in exact.items() if value is not None})

    @property
    def before_id(self) -> int | None:
        """The id that the page begins after; None on the newest page."""
        return self.cleaned_data.get("before")

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return bool(self._filters()) or not self.is_valid()

    def query(self, before: int | None = None) -> str:
        """The filters as a query string that starts with `?`, for the page that follows the id *before*."""
        return "?" + urlencode(self._filters() | ({} if before is None else {"before": before}))

    def _filters(self) -> dict[str, Any]:
        names = ("prompt", "starred", "job", "model")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def offer(self, workspace: Workspace) -> None:
        """Let people choose among the newest jobs and models that have pictures, and what is chosen already."""
        chosen = self.cleaned_data if self.is_valid() else {}
        jobs = workspace.jobs.present().filter(image_count__gt=0).order_by("-id").only("name", "workspace_id")
        job_rows = _with_chosen(jobs, workspace.jobs.all(), chosen.get("job"))
        every = workspace.checkpoints.select_related("job")
        models = _with_chosen(every.filter(deleted_at=None).order_by("-id"), every, chosen.get("model"))
        job_choices: Choices = [("", "All jobs"), *((job.pk, str(job)) for job in job_rows)]
        model_choices: Choices = [("", "All models"), *((model.pk, str(model)) for model in models)]
        self.fields["job"].widget = forms.Select({"class": "input"}, job_choices)
        self.fields["model"].widget = forms.Select({"class": "input"}, model_choices)


def _with_chosen(newest: QuerySet[Row], every: QuerySet[Row], chosen: int | None) -> list[Row]:
    """The newest rows, and the chosen one in front when it is not among them."""
    rows = list(newest[:MOST_CHOICES])
    if chosen is None or any(row.pk == chosen for row in rows):
        return rows
    return list(every.filter(pk=chosen)) + rows
