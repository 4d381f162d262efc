"""What part of a photo is to be sent, or of all photos of a set."""

from collections.abc import Mapping
from typing import Any

from django import forms

from jobs.models import Photo
from jobs.operations.photos.edit import Crop, automatic_crop
from jobs.photos import crop as parts
from jobs.photos.crop import Mode, Shape

WHOLE = "none"
MODES = {
    Mode.FACE.value: "Around the face",
    Mode.CENTRE.value: "The middle",
    Mode.HAND.value: "As I place it",
    WHOLE: "The whole photo",
}
SHAPES = {
    Shape.SQUARE.value: "Square",
    Shape.UPRIGHT.value: "Upright 2:3",
    Shape.WIDE.value: "Wide 3:2",
    Shape.FREE.value: "Any",
}
TOO_SMALL = "This part is too small: at least 64 pixels on each side, please."
NOT_PLACED = "Place the frame on the photo, or choose another way."
BOX = ("left", "top", "width", "height")


def _shape() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Shape",
        choices=list(SHAPES.items()),
        widget=forms.RadioSelect,
        help_text="Models train on squares; of another shape a service may cut off more.",
        error_messages={"required": "Choose a shape.", "invalid_choice": "Choose one of the shapes."},
    )


def _mode(*modes: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="What is sent",
        choices=[(mode, MODES[mode]) for mode in modes],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is sent.", "invalid_choice": "Choose one of the ways."},
    )


def _fraction() -> forms.FloatField:
    return forms.FloatField(required=False, min_value=-2, max_value=2, widget=forms.HiddenInput)


class CropForm(forms.Form):
    """One photo's. The frame's place is in fractions of the photo."""

    mode = _mode(*MODES)
    shape = _shape()
    left, top, width, height = _fraction(), _fraction(), _fraction(), _fraction()

    def __init__(self, photo: Photo, typed: Mapping[str, Any] | None) -> None:
        # What stands now; for a photo that was never cropped, what we would do.
        mode, shape = (photo.crop["mode"], photo.crop["shape"]) if photo.crop else (advised(photo.faces), "square")
        place = dict(zip(BOX, photo.crop_box, strict=True))
        super().__init__(typed, initial={"mode": mode, "shape": shape, **place})
        self.photo = photo
        self.chosen: Crop | None = None
        """What the checked form asks for; None is the whole photo."""

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "mode" in values and "shape" in values and values["mode"] != WHOLE:
            self.chosen = self._crop(Mode(values["mode"]), Shape(values["shape"]))
        return values

    def _crop(self, mode: Mode, shape: Shape) -> Crop | None:
        if mode is not Mode.HAND:
            return automatic_crop(self.photo, mode, shape)
        asked = [self.cleaned_data.get(name) for name in BOX]
        left, top, width, height = (-1.0 if value is None else value for value in asked)
        if None in asked:
            self.add_error("mode", NOT_PLACED)
            return None
        try:
            box = parts.by_hand((left, top, width, height), shape, (self.photo.width, self.photo.height))
        except parts.TooSmall:
            self.add_error("mode", TOO_SMALL)
            return None
        return None if box == parts.WHOLE else Crop(mode, shape, box)


class CropAllForm(forms.Form):
    """That of all photos of a set."""

    mode = _mode(Mode.FACE.value, Mode.CENTRE.value, WHOLE)
    shape = _shape()
    spare_by_hand = forms.BooleanField(label="Leave photos alone that were cropped by hand", required=False)

    @property
    def chosen_mode(self) -> Mode | None:
        """The way that the checked form asks for; None sends the photos whole."""
        return None if self.cleaned_data["mode"] == WHOLE else Mode(self.cleaned_data["mode"])

    @property
    def chosen_shape(self) -> Shape:
        return Shape(self.cleaned_data["shape"])


def advised(faces: object) -> str:
    """The way that suits a photo with these *faces*."""
    return Mode.FACE.value if faces else Mode.CENTRE.value
