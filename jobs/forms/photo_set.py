"""What is typed and sent for a photo set: what it is called and shows, which photos become another set, and files.

A request brings whole files, or a part of one, and for each a nonce that says whether it came before.
"""

import re
import secrets
from typing import Any, cast

from django import forms
from django.http import HttpRequest

from jobs.files import sidecars
from jobs.models import PhotoSet
from jobs.operations.photos.uploads import Part

NO_PART = "This part of a file could not be read. Reload the page and add the file again."

_NONCE = re.compile(r"[A-Za-z0-9_-]{8,56}", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_BYTES = re.compile(r"\d{1,12}", re.ASCII)
_LEFT_BY_SYSTEMS = re.compile(r"\._|(\.ds_store|thumbs\.db|desktop\.ini)\Z", re.IGNORECASE)


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


def sent_files(request: HttpRequest) -> list[Part]:
    """The one part of a file that the page's script sends, or the whole files of a page without scripts.

    Those have one nonce, and are told apart by their place. Text files come after the photos that they may be the
    captions of, and what computers hide in folders is left out.
    """
    if "offset" in request.POST:
        return [_part(request)]
    files = [file for file in request.FILES.getlist("photos") if not _LEFT_BY_SYSTEMS.match(file.name or "")]
    nonce, first = nonce_of(request), _number(request, "position")
    parts = [
        Part(f"{nonce}-{place}", file.name or "", file.size or 0, file, position=first + place)
        for place, file in enumerate(files)
    ]
    return sorted(parts, key=lambda part: sidecars.is_text(part.name))


def _part(request: HttpRequest) -> Part:
    fields = request.POST
    nonce, size, offset = (fields.get(name, "") for name in ("nonce", "size", "offset"))
    if not (_NONCE.fullmatch(nonce) and _BYTES.fullmatch(size) and _BYTES.fullmatch(offset)):
        return Part("", "", 0, wrong=NO_PART)
    return Part(
        # The same as that of a file that comes at once, so that either finds what the other brought.
        nonce=f"{nonce}-0",
        name=fields.get("name", ""),
        size=int(size),
        content=request.FILES.get("photos"),
        offset=int(offset),
        position=_number(request, "position"),
        entry=_number(request, "entry"),
        text=request.FILES.get("text"),
        goes_on=True,
        is_taken_back=fields.get("taken_back") == "1",
    )


def nonce_of(request: HttpRequest) -> str:
    """The form's nonce; a fresh one when it makes no sense."""
    given = request.POST.get("nonce", "")
    return given if _NONCE.fullmatch(given) else secrets.token_urlsafe(16)


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else 0
