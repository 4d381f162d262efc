"""What a photo set is called and what it shows."""

from typing import Any, ClassVar, cast

from django import forms

from jobs.models import PhotoSet


class PhotoSetForm(forms.ModelForm):
    class Meta:
        model = PhotoSet
        fields: ClassVar = ["name", "subject"]
        labels: ClassVar = {"name": "Name", "subject": "What do the photos show?"}
        widgets: ClassVar = {"subject": forms.RadioSelect}
        error_messages: ClassVar = {"name": {"required": "Give the set a name, so that you find it again."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"placeholder": "Rex the dog", "autocomplete": "off"}
        cast("forms.ChoiceField", self.fields["subject"]).choices = PhotoSet.Subject.choices
