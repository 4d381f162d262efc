"""What a downloaded picture is called: its job, its prompt and its seed, safe on every system."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from django.utils.text import slugify

from jobs.models import GeneratedImage

JOB_BYTES = 60
PROMPT_BYTES = 100


def file_name(image: GeneratedImage) -> str:
    """For example `rex-second-try-photo-of-ukj-dog-on-the-beach-1234.png`; *image* comes with its job."""
    words = [text for text in (_words(image.job.name, JOB_BYTES), _words(image.prompt, PROMPT_BYTES)) if text]
    return "-".join([*(words or ["picture"]), _number(image)]) + _suffix(image)


def unique_names(images: Iterable[GeneratedImage]) -> Iterator[tuple[str, GeneratedImage]]:
    """Each image with its file name; names that would be the same get the image's number."""
    taken: set[str] = set()
    for image in images:
        name = file_name(image)
        if name in taken:
            path = PurePosixPath(name)
            name = f"{path.stem}-{image.pk}{path.suffix}"
        taken.add(name)
        yield name, image


def _words(text: str, limit: int) -> str:
    """Letters, digits and hyphens of *text* in lower case, at most *limit* bytes (a file name has 255)."""
    slug = slugify(text[:400], allow_unicode=True)
    return slug.encode(errors="ignore")[:limit].decode(errors="ignore").strip("-_")


def _number(image: GeneratedImage) -> str:
    return f"{image.pk}" if image.seed is None else f"{image.seed}"


def _suffix(image: GeneratedImage) -> str:
    suffix = PurePosixPath(image.file).suffix
    return suffix if suffix in {".png", ".jpg", ".webp"} else ".png"
