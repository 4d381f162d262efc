"""Many pictures in one file."""

from collections.abc import Iterable, Iterator
from functools import partial

from django.utils import timezone

from jobs.files import storage
from jobs.files.picture_names import unique_names
from jobs.files.zip_stream import zip_stream
from jobs.models import GeneratedImage


def picture_archive(images: Iterable[GeneratedImage]) -> Iterator[bytes]:
    """A ZIP of *images* (which come with their jobs), each under the name it has when downloaded alone."""
    return zip_stream(
        (name, timezone.localtime(image.created_at), partial(storage.read, image.file))
        for name, image in unique_names(images)
    )
