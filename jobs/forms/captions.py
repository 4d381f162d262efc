"""Captions: of one photo, of all by a pattern, and from files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.base import File

from jobs.files import sidecars
from jobs.files.zip_reading import Unopenable
from jobs.models import Photo, PhotoSet
from jobs.operations.photos import edit
from jobs.photos import captions

PLACES = ("name", "what", "caption", "number", "file")
WHAT = {
    PhotoSet.Subject.PERSON: "person",
    PhotoSet.Subject.PET: "pet",
    PhotoSet.Subject.OBJECT: "object",
    PhotoSet.Subject.STYLE: "style",
}
PATTERNS = ("photo of {name} {what}, {caption}", "{name} {what}, {caption}", "{caption}, in the style of {name}")
NO_NAME = "The pattern uses {name}: say which, or take it out of the pattern."
TOO_LONG = f"With this, a caption would be longer than {captions.LONGEST} signs."
MOST_FILES = 500


class CaptionForm(forms.Form):
    """One photo's."""

    caption = forms.CharField(
        required=False,
        max_length=captions.LONGEST,
        error_messages={"max_length": f"At most {captions.LONGEST} signs, please."},
    )

    def clean_caption(self) -> str:
        return captions.one_line(self.cleaned_data["caption"])


class CaptionAllForm(forms.Form):
    """A pattern for all photos of a set."""

    token = forms.CharField(
        label="Name in prompts", required=False, max_length=40, help_text="The same as in the training, such as ukj."
    )
    class_word = forms.CharField(
        label="What it is", required=False, max_length=40, help_text="Person, dog, mug, style."
    )
    pattern = forms.CharField(
        max_length=300,
        help_text="{name} and {what} are those above, {caption} is what a photo says already; "
        "{number} and {file} are its own.",
        widget=forms.TextInput({"autocomplete": "off", "list": "caption-patterns"}),
        error_messages={"required": "Write what every caption shall say."},
    )
    only_empty = forms.BooleanField(label="Only photos without a caption", required=False)

    def clean_pattern(self) -> str:
        pattern = captions.one_line(self.cleaned_data["pattern"])
        if unknown := captions.unknown_places(pattern, PLACES):
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            raise forms.ValidationError(f"{{{unknown[0]}}} means nothing here; {known} do.")
        return pattern

    def clean(self) -> dict[str, Any]:
        if "{name}" in self.cleaned_data.get("pattern", "") and not self.cleaned_data.get("token"):
            self.add_error("token", NO_NAME)
        return self.cleaned_data

    def captions_of(self, photos: Sequence[Photo]) -> dict[int, str]:
        """The new caption of each of *photos*, by id; adds an error when one is too long."""
        filled_in = self.cleaned_data
        same = {"name": filled_in["token"], "what": filled_in["class_word"]}
        stems = sidecars.stems([photo.display_name for photo in photos])
        made: dict[int, str] = {}
        for number, (photo, stem) in enumerate(zip(photos, stems, strict=True), 1):
            if not (filled_in["only_empty"] and photo.caption):
                words = {**same, "caption": photo.caption, "number": str(number), "file": stem}
                made[photo.pk] = captions.filled(filled_in["pattern"], words)
        if any(len(caption) > captions.LONGEST for caption in made.values()):
            self.add_error("pattern", TOO_LONG)
        return made


class Sidecars:
    """Text files that were sent, matched with *photos* by their names."""

    def __init__(self, photos: Sequence[Photo], files: "Sequence[File[bytes]]") -> None:
        self.captions: dict[int, str] = {}
        self.wrong: list[tuple[str, str]] = []
        """Names of files with what is wrong with each."""
        if not files:
            self.wrong.append(("", "Choose a zip or text files."))
        for file in files[:MOST_FILES]:
            name = str(file.name)
            try:
                told = edit.match_captions(photos, sidecars.read(name, file))
            except Unopenable as problem:
                told = edit.Matched(wrong=[(name, str(problem))])
            self.captions |= told.captions
            self.wrong += told.wrong


def initial(photo_set: PhotoSet) -> dict[str, str]:
    """What the pattern begins with: the name that the set was last trained with."""
    last = photo_set.jobs.exclude(order__token="").order_by("-id").first()
    token, what = (last.spec.token, last.spec.class_word) if last else ("", "")
    is_style = photo_set.subject == PhotoSet.Subject.STYLE
    return {
        "token": token,
        "class_word": what or WHAT[PhotoSet.Subject(photo_set.subject)],
        "pattern": PATTERNS[2 if is_style else 0],
    }
