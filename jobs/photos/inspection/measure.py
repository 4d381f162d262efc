"""Measure one prepared photo: how sharp it is, how the light falls, what it looks like, and what is behind the subject.

Runs in the child process only; what comes out is plain JSON.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from jobs.photos.inspection.measures import Box, Light, Measures

Grey = NDArray[np.float32]
Colour = NDArray[np.uint8]
DETAIL = 768
"""The shorter side at which photos are measured, so that blur means the same for all of them."""
_SMALL = 256
_AGAIN = 1.0
"""By how many pixels an edge is blurred once more: how much weaker it gets tells how blurred it was (Zhuo, Sim 2011:
"Defocus map estimation from a single image")."""
_NOISE = 1.0
"""Blur against noise, whose tiny edges would look sharp."""
_STEEP = 5.0
"""The slope from which something is an edge and not noise."""
_FEW = 60
_DIRECTIONS = 4
_SHARPEST = 25
"""Edges of things out of focus are no fault, as long as this many in a hundred are sharp."""
WORST = 9.9
_WHITE = 250.0
_SIDE, _KEPT = 32, 8
TINY = 8
"""The side of the tiny picture whose colours are kept."""
_LEVELS = 4
_FRAME = 0.12
"""How much of each side counts as background where no face tells more."""
_LONG_SIDE = 800
"""The detector finds faces from 80 pixels on, so every face that is a tenth of the picture."""
_MARGIN = 0.12
"""Grey around the picture, so that faces which its edge cuts are found too."""
_SURE = 0.0
_SAME = 0.35


def measured(image: Image.Image, crop: Box, detector: str = "") -> Measures:
    """Measure the part *crop* of *image*; faces (by the *detector* in a file) and looks are those of the whole."""
    faces = find_faces(image, detector)
    face = faces[0] if faces else None
    small = np.asarray(within(image, _SMALL).convert("RGB"), dtype=np.uint8)
    left, top, width, height = crop
    edges = (left * image.width, top * image.height, (left + width) * image.width, (top + height) * image.height)
    part = image.crop((round(edges[0]), round(edges[1]), max(1, round(edges[2])), max(1, round(edges[3]))))
    sent = grey(within(part, DETAIL))
    # The face in fractions of the part.
    own = ((face[0] - left) / width, (face[1] - top) / height, face[2] / width, face[3] / height) if face else None
    subject = np.asarray(region(sent, own) if own else middle_of(sent), dtype=np.float32)
    return {
        "blur": _blur(sent, own),
        "light": light(subject if subject.size else middle_of(sent)),
        "tiny": tiny(image),
        "phash": perceptual_hash(image),
        "faces": faces and [(round(x, 4), round(y, 4), round(wide, 4), round(high, 4)) for x, y, wide, high in faces],
        "background": background(small, face),
        "clothes": clothes(small, face) if face else [],
    }


def _blur(picture: Grey, face: Box | None) -> float | None:
    """Of the face, when it is large enough to tell: a sharp wall behind it helps nobody."""
    if face is not None and face[2] * picture.shape[1] >= 0.2 * DETAIL:
        around = (face[0] - 0.2 * face[2], face[1] - 0.3 * face[3], 1.4 * face[2], 1.5 * face[3])
        found = blur(np.asarray(region(picture, around), dtype=np.float32))
        if found is not None:
            return found
    return blur(picture)


def grey(image: Image.Image) -> Grey:
    """Brightness, 0 to 255."""
    return np.asarray(image.convert("L"), dtype=np.float32)


def within(image: Image.Image, short_side: int) -> Image.Image:
    """*image* scaled down until its shorter side is at most *short_side*; never scaled up."""
    ratio = short_side / min(image.size)
    if ratio >= 1.0:
        return image
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX if ratio < 0.5 else Image.Resampling.LANCZOS)


def softened(picture: Grey, sigma: float) -> Grey:
    """*picture* after a Gaussian blur of *sigma* pixels."""
    reach = int(3 * sigma + 0.5)
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    weights = np.exp(-(steps**2) / (2 * sigma * sigma))
    weights /= weights.sum()
    rows = _along(np.pad(picture, ((reach, reach), (0, 0)), mode="edge"), weights, 0)
    return _along(np.pad(rows, ((0, 0), (reach, reach)), mode="edge"), weights, 1)


def slopes(picture: Grey) -> tuple[Grey, Grey]:
    """How steeply the brightness rises downwards and to the right, for each pixel."""
    down, right = np.zeros_like(picture), np.zeros_like(picture)
    down[1:-1] = (picture[2:] - picture[:-2]) / 2
    right[:, 1:-1] = (picture[:, 2:] - picture[:, :-2]) / 2
    return down, right


def _along(padded: Grey, weights: NDArray[np.float32], axis: int) -> Grey:
    length = padded.shape[axis] - len(weights) + 1
    parts = [padded[at : at + length] if axis == 0 else padded[:, at : at + length] for at in range(len(weights))]
    total: Grey = np.zeros_like(parts[0])
    for weight, part in zip(weights, parts, strict=True):
        total += weight * part
    return total


def blur(picture: Grey) -> float | None:
    """The standard deviation of the blur in pixels of *picture*; None when there are no edges to tell it by.

    A shaken camera leaves the edges along its way sharp, so the average of all would hide it. The worst of four
    directions may be that of a few things out of focus, so the second worst counts.
    """
    once = softened(picture, _NOISE)
    before, angle = _steepness(once)
    after, _ = _steepness(softened(once, _AGAIN))
    is_edge = _ridges(before) & (before > max(_STEEP, float(np.percentile(before, 80))))
    if int(is_edge.sum()) < _FEW:
        return None
    ratio = np.maximum(before[is_edge] / np.maximum(after[is_edge], 1e-3), 1.0 + 1e-3)
    widths: Grey = np.minimum(_AGAIN / np.sqrt(ratio**2 - 1.0), WORST)
    return _second_worst(widths, angle[is_edge])


def _steepness(picture: Grey) -> tuple[Grey, Grey]:
    down, right = slopes(picture)
    return np.hypot(down, right), np.arctan2(down, right)


def _ridges(steepness: Grey) -> NDArray[np.bool_]:
    """Pixels that are steeper than their neighbours on two opposite sides: the middle of an edge."""
    ridge = np.zeros(steepness.shape, dtype=bool)
    core = steepness[1:-1, 1:-1]
    across = (core >= steepness[1:-1, :-2]) & (core >= steepness[1:-1, 2:])
    along = (core >= steepness[:-2, 1:-1]) & (core >= steepness[2:, 1:-1])
    ridge[1:-1, 1:-1] = across | along
    return ridge


def _second_worst(widths: Grey, angles: Grey) -> float:
    turn = ((angles % np.pi) / np.pi * _DIRECTIONS + 0.5).astype(int) % _DIRECTIONS
    enough = max(_FEW, len(widths) // 30)
    groups = [widths[turn == direction] for direction in range(_DIRECTIONS)]
    found = sorted(float(np.percentile(group, _SHARPEST)) for group in groups if len(group) >= enough)
    return round(found[-2] if len(found) > 1 else float(np.percentile(widths, _SHARPEST)), 2)


def light(region: Grey) -> Light:
    """What light fell on *region*."""
    dark, middle, bright = (round(float(value), 1) for value in np.percentile(region, (5, 50, 95)))
    white = round(float((region >= _WHITE).mean()), 3)
    return {"dark": dark, "middle": middle, "bright": bright, "white": white}


def middle_of(picture: Grey) -> Grey:
    """The inner quarter of *picture*: where the subject is, when nothing else is known."""
    height, width = picture.shape
    return picture[height // 4 : height - height // 4, width // 4 : width - width // 4]


def perceptual_hash(image: Image.Image) -> str:
    """64 bits in hexadecimal: which of the slowest waves of the picture are stronger than their middle."""
    small = np.asarray(image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), dtype=np.float64)
    waves = _cosines() @ small @ _cosines().T
    slow = waves[:_KEPT, :_KEPT].ravel()
    bits = slow > np.median(slow[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def tiny(image: Image.Image) -> str:
    """The colours of *image* at 8 × 8 pixels, in hexadecimal."""
    return np.asarray(image.resize((TINY, TINY), Image.Resampling.BOX), dtype=np.uint8).tobytes().hex()


def colours(region: Colour) -> list[int]:
    """How many hundredths of *region* have which of 64 colours; empty for an empty region."""
    levels = (region.reshape(-1, 3) // (256 // _LEVELS)).astype(int)
    if not len(levels):
        return []
    kinds = levels @ np.array([_LEVELS * _LEVELS, _LEVELS, 1])
    counted = np.bincount(kinds, minlength=_LEVELS**3)
    return [int(share) for share in np.rint(100 * counted / len(levels))]


def _cosines() -> NDArray[np.float64]:
    places, waves = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE))
    return np.cos(np.pi * waves * (2 * places + 1) / (2 * _SIDE))


def background(pixels: Colour, face: Box | None) -> list[int]:
    """The colours at the sides and above, leaving out the column in which the person stands."""
    height, width = pixels.shape[:2]
    is_behind = np.zeros((height, width), dtype=bool)
    edge_x, edge_y = max(1, round(_FRAME * width)), max(1, round(_FRAME * height))
    is_behind[:edge_y], is_behind[:, :edge_x], is_behind[:, -edge_x:] = True, True, True
    if face is not None:
        bottom = min(1.0, face[1] + 1.2 * face[3])
        is_behind[: round(max(0.0, bottom) * height)] = True
        left, right = face[0] - 0.6 * face[2], face[0] + 1.6 * face[2]
        is_behind[:, round(max(0.0, left) * width) : round(max(0.0, min(1.0, right)) * width)] = False
    return colours(pixels[is_behind])


def clothes(pixels: Colour, face: Box) -> list[int]:
    """The colours below the chin, as wide as shoulders; empty when too little of that is in the picture."""
    below = (face[0] - 0.4 * face[2], face[1] + 1.45 * face[3], 1.8 * face[2], 1.2 * face[3])
    found = region(pixels, below)
    is_enough = found.shape[0] > 0.02 * pixels.shape[0] and found.shape[1] > 0.02 * pixels.shape[1]
    return colours(np.asarray(found, dtype=np.uint8)) if is_enough else []


def find_faces(image: Image.Image, kept: str = "") -> list[Box] | None:
    """The faces in *image*, largest first, by the detector *kept* in a file; None where none is installed.

    It is dlib's detector for faces seen from the front, whose weights are part of the library (Boost licence). On 100
    faces of the LFW set pasted into other pictures it found 92 and nothing that was none; OpenCV's cascades found 97
    with 9 wrong ones at best, and none that is tilted by more than 20 degrees.
    """
    try:
        import dlib
    except ImportError:
        return None
    small = image.convert("L")
    small.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.BOX)
    margin = round(_MARGIN * min(small.size))
    detector = dlib.fhog_object_detector(kept) if kept else dlib.get_frontal_face_detector()
    found, scores, _ = detector.run(np.asarray(ImageOps.expand(small, margin, fill=128)), 0, _SURE)
    width, height = small.size
    distinct: list[Box] = []
    for _, at in sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0]):
        box = (at.left() - margin) / width, (at.top() - margin) / height, at.width() / width, at.height() / height
        if all(_shared(box, other) < _SAME for other in distinct):
            distinct.append(box)
    return sorted(distinct, key=lambda box: -box[2] * box[3])


def region(pixels: NDArray[np.generic], box: Box) -> NDArray[np.generic]:
    """The part of *pixels* inside *box*."""
    height, width = pixels.shape[:2]
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(1.0, box[0] + box[2]), min(1.0, box[1] + box[3])
    return pixels[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def _shared(one: Box, other: Box) -> float:
    """How much of the smaller box lies in the other."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high) / min(one[2] * one[3], other[2] * other[3])
