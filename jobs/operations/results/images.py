"""Pictures from the provider into our storage: downloaded, decoded in a child process, made again by us.

And out of the gallery again, with undo.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from django.db import connections
from django.db.models.functions import Now

from dashboard.models import Membership
from jobs.files import storage
from jobs.models import GeneratedImage, Job
from jobs.models.result import GeneratedImageQuerySet
from jobs.operations.cleanup import retention
from jobs.operations.failpoints import reach
from jobs.operations.jobs.state import add_event, change, locked
from jobs.operations.results import sentences
from jobs.operations.results.artifacts import Failures, Fetching, Gone, NotNow, chunks, recount_locked
from jobs.photos import intake
from jobs.providers.errors import NotThere

AT_ONCE = 3
"""Pictures of one job that are fetched at the same time: their ways here and their decoding overlap."""
LARGEST = 64 * 1024 * 1024
"""Bytes a picture may have when the provider did not say."""
MOST_INTERRUPTIONS = 3
"""Runs in a row in which a picture may stop the child that opens it, before it counts as the cause."""
PAUSE = 0.7
"""Seconds between two changes of the pages while many pictures arrive."""


class Batch:
    """Pictures that are stored but not shown yet. Showing them together spares every open page a refresh each."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stored: list[tuple[int, dict[str, Any]]] = []
        self._lost: list[tuple[int, str]] = []
        self._shown_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """What is stored is shown whatever stopped us, short of our own death."""
        if kind is None or issubclass(kind, Exception):
            self.show()

    def add(self, image: GeneratedImage, **fields: Any) -> None:
        self._stored.append((image.pk, {"state": GeneratedImage.State.READY, **fields}))
        if time.monotonic() - self._shown_at > PAUSE:
            self.show()

    def give_up(self, image: GeneratedImage, why: str) -> None:
        self._stored.append((image.pk, {"state": GeneratedImage.State.MISSING}))
        self._lost.append((image.position + 1, why))

    def show(self) -> None:
        """Write down what is stored. A picture that somebody else has shown meanwhile stays as it is."""
        if not self._stored:
            return
        with locked(self._job.pk) as job:
            waiting = job.generated_images.filter(state=GeneratedImage.State.WAITING)
            for pk, fields in self._stored:
                waiting.filter(pk=pk).update(**fields)
            for number, why in self._lost:
                add_event(job, sentences.could_not_keep(f"Picture {number}", why), kind="results")
            change(job, tries=0)
            recount_locked(job)
        self._stored, self._lost, self._shown_at = [], [], time.monotonic()


def fetch_images(fetching: Fetching, batch: Batch, failures: Failures) -> None:
    """Store every picture that waits, those included that are announced meanwhile, and put them into *batch*."""
    waiting = fetching.job.generated_images.filter(state=GeneratedImage.State.WAITING).order_by("position", "id")
    tried: set[int] = set()
    while images := list(waiting.exclude(pk__in=tried)):
        tried |= {image.pk for image in images}
        _fetch_some(images, fetching, batch, failures)
        batch.show()


def _fetch_some(images: list[GeneratedImage], fetching: Fetching, batch: Batch, failures: Failures) -> None:
    """Store *images*, a few at once, and put them into *batch* in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        fetched = [pool.submit(_fetch, fetching, image) for image in images]
        try:
            for image, result in zip(images, fetched, strict=True):
                with failures.counted():
                    fetching.keep_going()
                    try:
                        batch.add(image, **result.result())
                    except (intake.Unreadable, storage.TooLarge, Gone, NotThere) as error:
                        batch.give_up(image, str(error) or "it cannot be read")
                reach("results.image_fetched")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _fetch(fetching: Fetching, image: GeneratedImage) -> dict[str, Any]:
    """Store one picture and return what its row will say. Runs in a thread of its own, without our database."""
    try:
        return _stored(image.workspace_id, intake.reencode(_content(fetching, image)))
    except intake.Interrupted as error:
        if fetching.job.tries < MOST_INTERRUPTIONS:
            raise NotNow from error
        raise Gone("it cannot be opened") from error
    finally:
        # The practice service lives in our database, so its adapter may have opened a connection here.
        connections.close_all()


def _stored(workspace_id: int, picture: intake.Picture) -> dict[str, Any]:
    whole = storage.put(workspace_id, "images", picture.png, ".png")
    small = storage.put(workspace_id, "thumbnails", picture.thumbnail, ".webp")
    reach("results.image_stored")
    size = {"width": picture.width, "height": picture.height}
    return {"file": whole.name, "sha256": whole.sha256, "thumbnail": small.name, **size}


def _content(fetching: Fetching, image: GeneratedImage) -> bytes:
    announced = image.artifact.get("size")
    limit = int(announced * 1.01) + 1024 if announced else LARGEST
    download = fetching.open(image)
    content = bytearray()
    for chunk in chunks(download):
        content += chunk
        if len(content) > limit:
            raise storage.TooLarge("it is larger than it should be")
    if download.total is not None and len(content) < download.total:
        raise NotNow
    return bytes(content)


def delete(member: Membership, ids: Sequence[int]) -> list[int]:
    """Delete those of the images that *member* may delete; the ids of the deleted ones."""
    return _move(
        member, GeneratedImage.objects.shown().filter(pk__in=ids), deleted_at=Now(), erase_at=retention.undo_ends()
    )


def restore(member: Membership, ids: Sequence[int]) -> list[int]:
    """Bring back those of the deleted images that *member* may delete and that are still here; their ids."""
    return _move(
        member, GeneratedImage.objects.filter(retention.RESTORABLE, pk__in=ids), deleted_at=None, erase_at=None
    )


def _move(member: Membership, images: GeneratedImageQuerySet, **changes: Any) -> list[int]:
    images = images.filter(workspace=member.workspace).deletable_by(member)
    moved: list[int] = []
    # One transaction for each job: it locks the job before the workspace, as all others do.
    for job_id in sorted(set(images.values_list("job_id", flat=True))):
        with locked(job_id) as job:
            ids = list(images.filter(job=job).values_list("pk", flat=True))
            GeneratedImage.objects.filter(pk__in=ids).update(**changes)
            recount_locked(job)
        moved += ids
    return moved
