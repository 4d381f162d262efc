"""What of the gallery to show."""

from typing import Any, TypeVar
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet

from dashboard.models import Workspace
from dashboard.numbers import LARGEST_ID
from jobs.models import Checkpoint, Job
from jobs.models.result import GeneratedImageQuerySet

MOST_WORDS = 10
MOST_CHOICES = 50

Choices = list[tuple[int | str, str]]


class SearchInput(forms.TextInput):
    input_type = "search"


class GalleryFilter(forms.Form):
    """The filters, all optional and all in the address, so that what one sees can be bookmarked and shared."""

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
        for word in self.cleaned_data["prompt"].split()[:MOST_WORDS]:
            images = images.filter(prompt__icontains=word)
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


Row = TypeVar("Row", Job, Checkpoint)


def _with_chosen(newest: QuerySet[Row], every: QuerySet[Row], chosen: int | None) -> list[Row]:
    """The newest rows, and the chosen one in front when it is not among them."""
    rows = list(newest[:MOST_CHOICES])
    if chosen is None or any(row.pk == chosen for row in rows):
        return rows
    return list(every.filter(pk=chosen)) + rows
