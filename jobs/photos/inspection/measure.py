"""Measure one prepared photo. Runs in the child process only; what comes out is plain JSON."""

import numpy as np
from PIL import Image

from jobs.photos.inspection import exposure, fingerprint, surroundings
from jobs.photos.inspection.faces import find_faces, region
from jobs.photos.inspection.measures import Box, Measures
from jobs.photos.inspection.pixels import Grey, grey, within
from jobs.photos.inspection.sharpness import blur

DETAIL = 768
"""The shorter side at which photos are measured, so that blur means the same for all of them."""
_SMALL = 256


def measured(image: Image.Image, crop: Box, detector: str = "") -> Measures:
    """Measure the part *crop* of *image*; faces (by the *detector* in a file) and looks are those of the whole."""
    faces = find_faces(image, detector)
    face = faces[0] if faces else None
    small = np.asarray(within(image, _SMALL).convert("RGB"), dtype=np.uint8)
    sent = grey(within(_cut(image, crop), DETAIL))
    own = _in_crop(face, crop) if face else None
    return {
        "blur": _blur(sent, own),
        "light": exposure.light(_subject(sent, own)),
        "tiny": fingerprint.tiny(image),
        "phash": fingerprint.perceptual_hash(image),
        "faces": None if faces is None else [_rounded(box) for box in faces],
        "background": surroundings.background(small, face),
        "clothes": surroundings.clothes(small, face) if face else [],
    }


def _cut(image: Image.Image, crop: Box) -> Image.Image:
    left, top, width, height = crop
    edges = (left * image.width, top * image.height, (left + width) * image.width, (top + height) * image.height)
    return image.crop((round(edges[0]), round(edges[1]), max(1, round(edges[2])), max(1, round(edges[3]))))


def _in_crop(face: Box, crop: Box) -> Box:
    """*face* in fractions of what is inside *crop*."""
    left, top, width, height = crop
    return (face[0] - left) / width, (face[1] - top) / height, face[2] / width, face[3] / height


def _blur(picture: Grey, face: Box | None) -> float | None:
    """Of the face, when it is large enough to tell: a sharp wall behind it helps nobody."""
    if face is not None and face[2] * picture.shape[1] >= 0.2 * DETAIL:
        around = (face[0] - 0.2 * face[2], face[1] - 0.3 * face[3], 1.4 * face[2], 1.5 * face[3])
        found = blur(np.asarray(region(picture, around), dtype=np.float32))
        if found is not None:
            return found
    return blur(picture)


def _subject(picture: Grey, face: Box | None) -> Grey:
    found = region(picture, face) if face else picture[:0]
    return np.asarray(found, dtype=np.float32) if found.size else exposure.middle_of(picture)


def _rounded(box: Box) -> Box:
    left, top, width, height = (round(value, 4) for value in box)
    return left, top, width, height
