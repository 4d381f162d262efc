"""Put pictures of the gallery into a photo set: each becomes a photo like those that were sent, and knows its image."""

from collections.abc import Iterable

from django.db.models import Max

from jobs.files import storage
from jobs.files.picture_names import file_name
from jobs.models import GeneratedImage, Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import NoRoom, Refusal, Upload, add

GONE = "The file of this picture is not here any more."


def pick(photo_set: PhotoSet, images: Iterable[GeneratedImage], nonce: str) -> tuple[list[Photo], list[Refusal]]:
    """Add *images*, which come with their jobs. The *nonce* of the form makes a second press harmless."""
    last = photo_set.photos.aggregate(last=Max("position"))["last"]
    photos: list[Photo] = []
    refusals: list[Refusal] = []
    for position, image in enumerate(images, start=0 if last is None else last + 1):
        try:
            photos.append(_added(photo_set, image, f"{nonce}-{image.pk}", position))
        except NotPossible as problem:
            refusals.append(Refusal.of(file_name(image), problem))
            if isinstance(problem, NoRoom):
                break
    return photos, refusals


def _added(photo_set: PhotoSet, image: GeneratedImage, nonce: str, position: int) -> Photo:
    try:
        with storage.open(image.file) as file:
            upload = Upload(nonce, file_name(image), file.size, file.chunks(), position)
            return add(photo_set, upload, picked_from=image)
    except FileNotFoundError:
        raise NotPossible(GONE) from None
