"""Many pictures in one file."""

from collections.abc import Iterable, Iterator
from functools import partial

from django.utils import timezone

from jobs import storage
from jobs.models import GeneratedImage
from jobs.picture_names import unique_names
from jobs.zip_stream import zip_stream


def picture_archive(images: Iterable[GeneratedImage]) -> Iterator[bytes]:
    """A ZIP of *images* (which come with their jobs), each under the name it has when downloaded alone."""
    return zip_stream(
        (name, timezone.localtime(image.created_at), partial(storage.read, image.file))
        for name, image in unique_names(images)
    )
