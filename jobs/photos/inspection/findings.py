"""What is wrong with one photo, in a sentence each. The limits were chosen on the labelled set (tests/photos)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from jobs.photos.inspection.measures import Box, Measures

BLURRED = 1.57
"""Pixels of a photo whose shorter side has 768. Sharp photos have 1.0 to 1.5, what eyes call blurred 1.7 and more."""
DARK_MIDDLE, DARK_BRIGHT = 52.0, 90.0
WHITE_MIDDLE, WHITE_SHARE = 226.0, 0.45
SMALL_SIDE = 512
"""Providers train at 512 pixels at least; what has fewer is blown up."""
SMALL_FACE = 0.11
"""Height of the largest face, as a share of what is sent."""
BESIDE = 0.35
"""A second face counts from this share of the first one's height: people far behind do no harm."""
LONG = 2.0
_EDGE = 0.01
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


class Code(Enum):
    """A kind of finding. The value is kept when somebody waves it through."""

    BLURRED = "blurred"
    DARK = "dark"
    BRIGHT = "bright"
    SMALL = "small"
    DUPLICATE = "duplicate"
    NO_FACE = "no_face"
    FACES = "faces"
    FACE_CUT = "face_cut"
    FACE_SMALL = "face_small"
    LONG = "long"


class Remedy(Enum):
    """What its one button does."""

    LEAVE_OUT = "leave_out"
    CROP = "crop"


@dataclass(frozen=True)
class Seen:
    """A photo as it is looked at here. Sizes are in pixels of the upright photo, *crop* in fractions of it."""

    id: int
    name: str
    width: int
    height: int
    crop: Box
    measures: Measures
    kept: frozenset[str] = frozenset()
    """Codes that somebody waved through."""
    is_person: bool = False
    sent: tuple[int, int] | None = None
    """Width and height of what a provider gets, where it is not cut out of this photo itself."""

    @property
    def part_size(self) -> tuple[int, int]:
        """Width and height of what is inside the crop, in pixels of the photo."""
        return round(self.width * self.crop[2]), round(self.height * self.crop[3])

    @property
    def sent_size(self) -> tuple[int, int]:
        """Width and height of what a provider gets."""
        return self.sent or self.part_size


@dataclass(frozen=True)
class Finding:
    """Something wrong with the photo *photo_id*."""

    photo_id: int
    code: Code
    title: str
    sentence: str
    hurts: bool = True
    """Whether a training suffers from it; else the photo could only be better."""
    remedy: Remedy = Remedy.LEAVE_OUT
    boxes: tuple[Box, ...] = ()
    """Where to look, in fractions of the upright photo."""
    other_id: int | None = None
    """The photo that this one repeats."""


def numbered(count: int, noun: str) -> str:
    """*count* in words at the start of a sentence, with *noun*."""
    word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{word} {noun}" if count == 1 else f"{word} {noun}s"


def findings(photo: Seen) -> list[Finding]:
    """What is wrong with *photo* by itself, without what somebody waved through."""
    seen = [*_pixels(photo), *_light(photo)]
    faces = list(_faces(photo)) if photo.is_person else []
    if any(finding.hurts for finding in seen):
        # In such a photo a face is easily overlooked, and one reason is enough.
        faces = [finding for finding in faces if finding.code is not Code.NO_FACE]
    return [finding for finding in [*seen, *faces] if finding.code.value not in photo.kept]


def _pixels(photo: Seen) -> Iterator[Finding]:
    width, height = photo.sent_size
    blur = photo.measures["blur"]
    if min(width, height) < SMALL_SIDE:
        sentence = f"Only {width} × {height} pixels: less than the {SMALL_SIDE} that a model learns from."
        yield Finding(photo.id, Code.SMALL, "Too small", sentence)
    elif blur is not None and blur >= BLURRED:
        sentence = "It is blurred, and a model that learns from it makes blurred pictures."
        yield Finding(photo.id, Code.BLURRED, "Blurred", sentence, boxes=_main_face(photo))
    if max(width, height) > LONG * min(width, height):
        sentence = "It is so long that a square cuts off most of it; choose the part that counts."
        yield Finding(photo.id, Code.LONG, "Very long", sentence, hurts=False, remedy=Remedy.CROP)


def _light(photo: Seen) -> Iterator[Finding]:
    light = photo.measures["light"]
    if light["middle"] <= DARK_MIDDLE and light["bright"] <= DARK_BRIGHT:
        sentence = "It is so dark that hardly anything can be made out."
        yield Finding(photo.id, Code.DARK, "Too dark", sentence, boxes=_main_face(photo))
    elif light["middle"] >= WHITE_MIDDLE or light["white"] >= WHITE_SHARE:
        sentence = "It is so bright that details are burnt out to white."
        yield Finding(photo.id, Code.BRIGHT, "Too bright", sentence, boxes=_main_face(photo))


def _faces(photo: Seen) -> Iterator[Finding]:
    faces = photo.measures["faces"]
    if faces is None:
        return
    inside = [face for face in faces if _is_inside(face, photo.crop)]
    if not inside:
        sentence = "No face can be found in it; a model of a person needs to see the face."
        yield Finding(photo.id, Code.NO_FACE, "No face found", sentence)
        return
    main, crop = inside[0], photo.crop
    near = tuple(face for face in inside if face[3] >= BESIDE * main[3])
    # The detector's box goes from the brows to the chin: it must be inside, and above it a forehead.
    room = (
        main[0] - crop[0],
        main[1] - 0.15 * main[3] - crop[1],
        crop[0] + crop[2] - main[0] - main[2],
        crop[1] + crop[3] - main[1] - main[3],
    )
    if len(near) > 1:
        sentence = f"{numbered(len(near), 'face')} are in it, and the model would mix them; crop it to one."
        yield Finding(photo.id, Code.FACES, "Several faces", sentence, remedy=Remedy.CROP, boxes=near)
    elif min(room) < -_EDGE:
        sentence = "The face is cut off at the edge, so the model would learn a part of it."
        yield Finding(photo.id, Code.FACE_CUT, "Face cut off", sentence, boxes=near)
    elif main[3] * photo.height < SMALL_FACE * max(photo.part_size):
        sentence = "The face is small in it; cropped closer, the model sees more of it."
        yield Finding(photo.id, Code.FACE_SMALL, "Small face", sentence, hurts=False, remedy=Remedy.CROP, boxes=near)


def _main_face(photo: Seen) -> tuple[Box, ...]:
    return tuple(face for face in photo.measures["faces"] or () if _is_inside(face, photo.crop))[:1]


def _is_inside(face: Box, crop: Box) -> bool:
    """Whether the middle of *face* is in *crop*."""
    x, y = face[0] + face[2] / 2, face[1] + face[3] / 2
    return crop[0] <= x <= crop[0] + crop[2] and crop[1] <= y <= crop[1] + crop[3]
