"""From a job's row to the order a provider gets."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.operations.providers import provider
from jobs.operations.sending import lent, outside
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind, Order, OrderPhoto


def build(job: Job, token: str) -> Order:
    """The order of *job* for the attempt with this callback *token*.

    Raises `InvalidOrder` when the photos it needs are no longer here, or cannot be fetched from here.
    """
    photos = _photos(job)
    if not Kind(job.kind).trains:
        return shape(job, callback_url=outside.callback_url(token))
    if not photos:
        raise InvalidOrder("The photos of this order are no longer here.")
    service = provider(job.provider)
    if not service.can(Capability.NEEDS_PUBLIC_PHOTOS):
        return shape(job, photos, outside.callback_url(token))
    if obstacle := outside.obstacle(service, Kind(job.kind)):
        raise InvalidOrder(obstacle)
    lent_photos, captions_url = lent.lend(job, photos, token)
    return replace(shape(job, lent_photos, outside.callback_url(token)), captions_url=captions_url)


def shape(job: Job, photos: tuple[OrderPhoto, ...] = (), callback_url: str = "") -> Order:
    """The order of *job* with these *photos*; without them it is enough to count and to preview with."""
    return Order(
        kind=Kind(job.kind),
        base_model=job.base_model,
        model_type=job.model_type,
        checkpoint_id=job.checkpoint.provider_result_id if job.checkpoint else "",
        photos=photos,
        training=job.training,
        generations=tuple(job.generations),
        token=job.token,
        class_word=job.class_word,
        dry_run=job.dry_run,
        callback_url=callback_url,
        name=job.name,
    )


def named(photos: Iterable[Photo]) -> tuple[OrderPhoto, ...]:
    """*photos* by name and caption only, to preview an order with: they have no address and nothing to read."""
    return tuple(OrderPhoto(lent.name_of(photo), photo.caption, url="", read=bytes) for photo in photos)


def command(service: Provider, order: Order) -> str:
    """*order* as a command for a terminal; empty where there is none, or the order cannot be."""
    return "" if service.wrong_fields(order) else service.as_command(order)


def _photos(job: Job) -> tuple[OrderPhoto, ...]:
    found = Photo.objects.in_bulk(job.photo_ids)
    return tuple(_photo(found[pk]) for pk in job.photo_ids if pk in found and found[pk].prepared)


def _photo(photo: Photo) -> OrderPhoto:
    return OrderPhoto(lent.name_of(photo), photo.caption, url="", read=_reader(photo.prepared))


def _reader(name: str) -> Callable[[], bytes]:
    return lambda: storage.read(name)
