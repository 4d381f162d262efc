"""From a job's row to the order a provider gets."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.operations.photos import sent_copy
from jobs.operations.providers import provider
from jobs.operations.sending import lent, lent_archive, outside
from jobs.providers.base import Capability, Provider
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind, Order, OrderPhoto


def build(job: Job, token: str) -> Order:
    """The order of *job* for the attempt with this callback *token*.

    Raises `InvalidOrder` when the photos it needs are no longer here, cannot be cropped, or cannot be fetched from
    here.
    """
    photos, callback_url = _photos(job), outside.callback_url(token)
    if not Kind(job.kind).trains:
        return shape(job, callback_url=callback_url)
    if not photos:
        raise InvalidOrder("The photos of this order are no longer here.")
    service = provider(job.provider)
    if obstacle := outside.obstacle(service, Kind(job.kind)):
        raise InvalidOrder(obstacle)
    if service.can(Capability.NEEDS_PHOTO_ARCHIVE):
        order = shape(job, photos, callback_url)
        return replace(order, archive_url=lent_archive.lend(job, order, token))
    if not service.can(Capability.NEEDS_PUBLIC_PHOTOS):
        return shape(job, photos, callback_url)
    lent_photos, captions_url = lent.lend(job, photos, token)
    return replace(shape(job, lent_photos, callback_url), captions_url=captions_url)


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
        key_options=_key_options(job),
        reference=str(job.pk) if job.pk else "",
        name=job.name,
    )


def _key_options(job: Job) -> dict[str, str]:
    return {name: str(value) for name, value in job.api_key.options.items()} if job.api_key else {}


def named(photos: Iterable[Photo]) -> tuple[OrderPhoto, ...]:
    """*photos* by name and caption only, to preview an order with: they have no address and nothing to read."""
    return tuple(OrderPhoto(lent.name_of(photo), photo.caption, url="", read=bytes) for photo in photos)


def named_in(job: Job, photos: Iterable[Photo]) -> tuple[OrderPhoto, ...]:
    """The same of *photos* of *job*, with the captions that it was ordered with."""
    said = ((lent.name_of(photo), sent_copy.caption_in(job, photo)) for photo in photos)
    return tuple(OrderPhoto(name, caption, url="", read=bytes) for name, caption in said)


def command(service: Provider, order: Order) -> str:
    """*order* as a command for a terminal; empty where there is none, or the order cannot be."""
    return "" if service.wrong_fields(order) else service.as_command(order)


def _photos(job: Job) -> tuple[OrderPhoto, ...]:
    photos = lent.present(job)
    sent_copy.settle(job, photos)
    return tuple(_photo(job, photo) for photo in photos)


def _photo(job: Job, photo: Photo) -> OrderPhoto:
    read = _reader(sent_copy.name_in(job, photo))
    return OrderPhoto(lent.name_of(photo), sent_copy.caption_in(job, photo), url="", read=read)


def _reader(name: str) -> Callable[[], bytes]:
    return lambda: storage.read(name)
