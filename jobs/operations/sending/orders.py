"""From a job's row to the order a provider gets."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from jobs.files import storage
from jobs.models import Job, JobPhoto, Photo
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.operations.sending import lent, lent_archive, outside
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind, Order, OrderPhoto

UNREADABLE = "This order was written while this server was being brought up to date. Nothing was sent; order it again."


def build(job: Job, token: str) -> Order:
    """The order of *job* for the attempt with this callback *token*.

    Raises `InvalidOrder` when the photos it needs are no longer here, cannot be cropped, or cannot be fetched from
    here.
    """
    if not job.order:
        # A server of the version before made the row after the rows of its time were carried over.
        raise InvalidOrder(UNREADABLE)
    callback_url = outside.callback_url(token)
    if not Kind(job.kind).trains:
        return job.as_order(callback_url=callback_url)
    rows = sent_copy.settled(job)
    if not rows:
        raise InvalidOrder("The photos of this order are no longer here.")
    service = provider(job.provider)
    if obstacle := outside.obstacle(service, Kind(job.kind)):
        raise InvalidOrder(obstacle)
    order = job.as_order(callback_url=callback_url, photos=tuple(_photo(row) for row in rows))
    if service.can(Capability.NEEDS_PHOTO_ARCHIVE):
        return replace(order, archive_url=lent_archive.lend(job, order, token))
    if not service.can(Capability.NEEDS_PUBLIC_PHOTOS):
        return order
    photos, captions_url = lent.lend(job, order.photos, token)
    return replace(order, photos=photos, captions_url=captions_url)


def named(photos: Iterable[Photo]) -> tuple[OrderPhoto, ...]:
    """*photos* by name and caption only, to preview an order with: they have no address and nothing to read."""
    return tuple(OrderPhoto(lent.name_of(photo), photo.caption, url="", read=bytes) for photo in photos)


def named_in(rows: Iterable[JobPhoto]) -> tuple[OrderPhoto, ...]:
    """The same of the photos of a job, with the captions that it was ordered with."""
    return tuple(OrderPhoto(lent.name_of(row.photo), row.caption, url="", read=bytes) for row in rows)


def command(service: Provider, order: Order) -> str:
    """*order* as a command for a terminal; empty where there is none, or the order cannot be."""
    return "" if service.wrong_fields(order) else service.as_command(order)


def _photo(row: JobPhoto) -> OrderPhoto:
    return OrderPhoto(lent.name_of(row.photo), row.caption, url="", read=_reader(row.sent_file))


def _reader(name: str) -> Callable[[], bytes]:
    return lambda: storage.read(name)
