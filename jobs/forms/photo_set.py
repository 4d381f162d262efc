"""What a photo set is called and what it shows."""

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
