"""Forms about consent: asking somebody, noting what they said, and what they fill in themselves."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

from django import forms
from django.utils.timezone import localdate

from jobs.forms.numbers import WholeNumberField
from jobs.operations.consents.links import Asked
from jobs.operations.consents.records import Noted
from jobs.photos.captions import one_line

LONGEST = timedelta(days=365 * 30)
FIRST_ZONE = timezone(timedelta(hours=14))
"""Where each day begins first: what day it is where somebody agrees, only they know."""


def _day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput({"type": "date", "autocomplete": "off"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _until(label: str) -> forms.DateField:
    return _day(label, help_text="The last day on which the photos may be used. Empty for no end.")


def _checked_end(end: date | None) -> date | None:
    today = localdate()
    if end is not None and not today <= end <= today + LONGEST:
        raise forms.ValidationError("Choose a day from today on, within thirty years.")
    return end


class AskForm(forms.Form):
    """Whom to ask for photos, for what, and how long the link counts."""

    label = forms.CharField(
        label="Whom do you ask?",
        max_length=80,
        help_text="For your own list; they do not see this.",
        widget=forms.TextInput({"placeholder": "Anna from the shop", "autocomplete": "off"}),
        error_messages={"required": "Give this link a name, so that you know whose it is."},
    )
    purpose = forms.CharField(
        label="What are the photos for?",
        max_length=300,
        required=False,
        help_text="They read this first. Write it as you would tell them.",
        widget=forms.Textarea({"rows": 3}),
    )
    agreed_until = _until("Their consent lasts until")
    max_photos = WholeNumberField(label="Photos at most", min_value=1, max_value=200, initial=30)
    days = forms.TypedChoiceField(
        label="The link takes photos for",
        choices=[(1, "a day"), (7, "a week"), (30, "a month")],
        coerce=int,
        initial=7,
        widget=forms.RadioSelect,
    )

    def clean_agreed_until(self) -> date | None:
        return _checked_end(self.cleaned_data["agreed_until"])

    def clean_label(self) -> str:
        return _named(self.cleaned_data["label"])

    def asked(self) -> Asked:
        """What was filled in, of a form that is valid."""
        return Asked(**self.cleaned_data)


class NoteForm(forms.Form):
    """A consent that was given on paper or in a talk."""

    person = forms.CharField(
        label="Who agreed?",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Write who agreed."},
    )
    agreed_on = _day("When", required=True)
    agreed_until = _until("Until when")
    words = forms.CharField(
        label="Note",
        max_length=2000,
        required=False,
        help_text="For example where the signed paper is, or what was agreed.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed_on"].initial = localdate

    def clean_person(self) -> str:
        return _named(self.cleaned_data["person"])

    def clean_agreed_on(self) -> date:
        day: date = self.cleaned_data["agreed_on"]
        today = datetime.now(FIRST_ZONE).date()
        if not today - LONGEST <= day <= today:
            raise forms.ValidationError("Choose a day up to today.")
        return day

    def clean_agreed_until(self) -> date | None:
        return _checked_end(self.cleaned_data["agreed_until"])

    def noted(self) -> Noted:
        """What was filled in, of a form that is valid."""
        return Noted(**self.cleaned_data)


class AgreeForm(forms.Form):
    """What the photographed person fills in."""

    person = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Write your name."},
    )
    agreed = forms.BooleanField(error_messages={"required": "Tick this if you agree. Without it no photos are taken."})

    def __init__(self, agreement: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = agreement

    def clean_person(self) -> str:
        return _named(self.cleaned_data["person"])


def _named(text: str) -> str:
    """*text* without signs that cannot be seen: it is shown in sentences of ours."""
    name = one_line(text)
    if not name:
        raise forms.ValidationError("Write a name.")
    return name
