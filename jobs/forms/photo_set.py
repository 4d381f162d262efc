"""What a photo set is called and what it shows, and which of its photos become another set."""

from typing import Any, cast

from django import forms

from jobs.models import PhotoSet


class PhotoSetForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        widget=forms.TextInput({"placeholder": "Rex the dog", "autocomplete": "off"}),
        error_messages={"required": "Give the set a name, so that you find it again."},
    )
    subject = forms.ChoiceField(
        label="What do the photos show?",
        choices=PhotoSet.Subject.choices,
        initial=PhotoSet.Subject.PERSON,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the photos show.", "invalid_choice": "Choose what the photos show."},
    )


class SplitForm(forms.Form):
    """Which photos become a set of their own, and what it is called."""

    name = forms.CharField(
        label="Name of the new set",
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Give the new set a name."},
    )
    photos = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": "Choose the photos to move.",
            "invalid_choice": "One of these photos is no longer here. Look at your choice again.",
        },
    )

    def __init__(self, photo_ids: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedMultipleChoiceField", self.fields["photos"])
        field.choices = [(pk, str(pk)) for pk in photo_ids]
