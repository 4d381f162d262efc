"""The photos of an order as one zip, for providers that take nothing else: made while it is fetched, and kept nowhere.

Only where nobody can reach this server it is put into the bucket, until the job has ended.
"""

from jobs.files import photo_archive, storage
from jobs.files.photo_archive import Member, PhotoArchive
from jobs.models import Job, Photo
from jobs.models.job import FINAL_STATES
from jobs.operations.photo_grants import grants, reachability
from jobs.operations.providers import provider
from jobs.providers.base import Capability
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Order

NAME = "photos.zip"
TOO_LARGE = "These photos are more than fit into one archive (4 GB). Train on fewer of them."
GONE = "The photos of this order are no longer here."


def grant(job: Job, order: Order, token: str) -> str:
    """The address at which the attempt with this callback *token* fetches the photos of *order*.

    Raises `InvalidOrder` when they are gone, or too large.
    """
    made = archive(job, order)
    return grants.address(token, NAME) if reachability.is_reachable() else grants.signed(_in_bucket(job, made))


def fetched(token: str) -> PhotoArchive | None:
    """The archive that may be fetched by *token*, without photos that were deleted since; None when that no longer
    counts."""
    job = grants.job_of(token)
    if job is None or not provider(job.provider).can(Capability.NEEDS_PHOTO_ARCHIVE):
        return None
    order = job.as_order(photos=grants.named(job.job_photos.here()))
    try:
        return archive(job, order) if order.photos else None
    except InvalidOrder:
        return None


def archive(job: Job, order: Order) -> PhotoArchive:
    """The photos of *order*, which are those of *job* that are here, under the names that its provider wants.

    Raises `InvalidOrder`.
    """
    rows = job.job_photos.here()
    names = provider(job.provider).archive_names(order)
    try:
        return PhotoArchive([_member(row.photo, row.sent_file, name) for row, name in zip(rows, names, strict=True)])
    except photo_archive.TooLarge:
        raise InvalidOrder(TOO_LARGE) from None
    except FileNotFoundError:
        raise InvalidOrder(GONE) from None


def _member(photo: Photo, stored: str, name: str) -> Member:
    """What is *stored* of *photo*, with its checksum, which is worked out once for as long as that is the same file."""
    known = photo.zip_entry or {}
    if known.get("stored") != stored:
        size, crc = photo_archive.measure(stored)
        known = {"stored": stored, "size": size, "crc": crc}
        Photo.objects.filter(pk=photo.pk, prepared=photo.prepared).update(zip_entry=known)
    return Member(name, **known)


def _in_bucket(job: Job, made: PhotoArchive) -> str:
    """The name under which the archive lies in the bucket now, for as long as *job* needs it."""
    with storage.receive(job.workspace_id, "archives", ".zip", made.size, resume_key=f"job-{job.pk}") as sink:
        sink.restart()
        while chunk := made.read():
            sink.write(chunk)
        made.close()
        # Noted, so that what is stored and then forgotten by a process that dies is cleared away (`sweep.clear_up`).
        stored = sink.commit(noted=True)
    before = job.photo_archive
    Job.objects.filter(pk=job.pk).update(photo_archive=stored.name)
    if before and before != stored.name:
        _delete_unused(before)
    return stored.name


def revoke_ended() -> None:
    """Delete the archives in the bucket whose jobs have ended."""
    ended = Job.objects.exclude(photo_archive="").filter(state__in=FINAL_STATES)
    for pk, name in ended.values_list("pk", "photo_archive"):
        Job.objects.filter(pk=pk, photo_archive=name).update(photo_archive="")
        _delete_unused(name)


def _delete_unused(name: str) -> None:
    if not Job.objects.filter(photo_archive=name).exists():
        storage.delete(name)
