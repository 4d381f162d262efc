"""Lists: where a page of a long one begins, and which of its rows were selected."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from dashboard.numbers import LARGEST_ID, whole_number

MOST_AT_ONCE = 500


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
