"""What the pages show on which photos are cropped: each as a provider will see it, drawn from the files there are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from jobs import formats
from jobs.forms.crop import MODES, SHAPES, WHOLE, CropAllForm, CropForm, advised
from jobs.models import Photo, PhotoSet
from jobs.operations.photos.edit import to_crop
from jobs.photos import crop as parts
from jobs.photos import limits
from jobs.photos.crop import Mode, Shape
from jobs.photos.inspection.findings import SMALL_SIDE
from jobs.photos.inspection.measures import Box

NO_FACE = "No face was found, so this is the middle."
CUT_THERE = "A service may cut a square out of it itself."
NOT_SEEN = "Nobody looked for faces yet, so this is the middle."


@dataclass(frozen=True)
class Part:
    """A part of *photo* to be drawn: *view* is an SVG's `viewBox`, sizes are in pixels of the upright photo."""

    photo: Photo
    view: str
    width: int
    height: int
    sent: parts.Size
    """What is sent of it, in pixels."""
    note: str = ""


@dataclass(frozen=True)
class Way:
    """One way to crop a photo, as its choice shows it."""

    value: str
    label: str
    part: Part
    chosen: bool
    needs_script: bool


def page(photo: Photo, form: CropForm) -> dict[str, object]:
    """The values of the page on which one photo is cropped."""
    mode, shape = str(form["mode"].value() or ""), str(form["shape"].value() or "")
    return {
        "form": form,
        "photo": photo,
        "photo_set": photo.photo_set,
        "ways": ways(photo, mode, shape if shape in SHAPES else "square"),
        "boxes": boxes(photo),
        "sizes": sizes(photo),
        "next": following(photo),
    }


def following(photo: Photo) -> Photo | None:
    """The photo that follows in its set."""
    ids = list(photo.photo_set.photos.ready().in_order().values_list("pk", flat=True))
    after = ids[ids.index(photo.pk) + 1 :] if photo.pk in ids else []
    return photo.photo_set.photos.filter(pk=after[0]).first() if after else None


def page_of_all(photo_set: PhotoSet, asked: CropAllForm) -> dict[str, object]:
    """The values of the page on which all photos are: as *asked*, or as we would where nothing valid was."""
    photos = list(photo_set.photos.ready().in_order())
    advice = {"mode": advised(any(photo.faces for photo in photos)), "shape": "square", "spare_by_hand": "on"}
    form = asked if asked.is_valid() else CropAllForm(advice)
    form.is_valid()
    spared = form.cleaned_data["spare_by_hand"]
    shown = previews(photos, form.chosen_mode, form.chosen_shape, spare_by_hand=spared)
    return {"photo_set": photo_set, "form": asked if asked.is_bound else form, "previews": shown}


def all_cropped(changed: int, mode: Mode | None) -> str:
    """What is said once all photos were cropped."""
    if not changed:
        return "All photos were so already."
    verb = "is" if changed == 1 else "are"
    return f"{formats.counted(changed, 'photo')} {verb} {'sent whole' if mode is None else 'cropped'} now."


def part(photo: Photo, box: Box, note: str = "") -> Part:
    """What *box* shows of the photo."""
    size = photo.width, photo.height
    left, top, width, height = parts.pixels(box, size)
    sent = parts.sent_size(box, size, photo.source_size)
    return Part(photo, f"{left} {top} {width} {height}", width, height, sent, note)


def ways(photo: Photo, mode: str, shape: str) -> list[Way]:
    """The ways to crop a photo, that called *mode* chosen. Around a face only where there is one."""
    return [
        Way(
            value,
            label,
            part(photo, _box(photo, value, Shape(shape)), _note(photo, value)),
            value == mode,
            value == Mode.HAND.value != mode,
        )
        for value, label in MODES.items()
        if value != Mode.FACE.value or photo.faces or mode == value
    ]


def boxes(photo: Photo) -> str:
    """The parts that the ways without a hand give, by way and shape, as JSON for the page's script."""
    automatic = (Mode.FACE.value, Mode.CENTRE.value, WHOLE)
    return json.dumps({mode: {shape: _box(photo, mode, Shape(shape)) for shape in SHAPES} for mode in automatic})


def sizes(photo: Photo) -> str:
    """What the page's script needs to tell how many pixels are sent, as JSON: the *gain* of cutting from the original,
    where that is done, and the limits."""
    gain = max(1.0, photo.source_size[0] / photo.width)
    most = {"short": limits.PREPARED_SHORT_SIDE, "long": limits.PREPARED_LONG_SIDE}
    return json.dumps({"gain": gain, "small": SMALL_SIDE, "trained": limits.TRAINED_SIDE, **most})


def previews(photos: Sequence[Photo], mode: Mode | None, shape: Shape, *, spare_by_hand: bool) -> list[Part]:
    """All *photos* as they would be sent."""
    changed = {photo.pk for photo in to_crop(list(photos), spare_by_hand=spare_by_hand)}
    return [
        part(photo, _box(photo, mode.value if mode else WHOLE, shape), _note(photo, mode.value if mode else WHOLE))
        if photo.pk in changed
        else part(photo, photo.crop_box, "Placed by hand")
        for photo in photos
    ]


def _box(photo: Photo, mode: str, shape: Shape) -> Box:
    if mode == WHOLE:
        return parts.WHOLE
    if mode == Mode.HAND.value:
        return photo.crop_box
    return parts.automatic(Mode(mode), shape, (photo.width, photo.height), photo.faces)


def _note(photo: Photo, mode: str) -> str:
    if mode == WHOLE and photo.width != photo.height:
        return CUT_THERE
    if mode != Mode.FACE.value or photo.faces:
        return ""
    return NOT_SEEN if photo.faces is None else NO_FACE
