"""From an order to what dreamlook wants to be sent."""

from dataclasses import replace
from typing import Any

from jobs.providers.dreamlook.base_models import SD15, SDXL
from jobs.providers.dreamlook.captions import basename
from jobs.providers.dreamlook.generation_fields import GENERATION
from jobs.providers.dreamlook.tags import tags
from jobs.providers.dreamlook.training_fields import TRAINING
from jobs.providers.kit.command import curl
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Param, Values, chosen

PATHS = {
    Kind.TRAINING: "/dreambooth",
    Kind.GENERATION: "/image_gen",
    Kind.TRAIN_AND_GENERATE: "/dreambooth_image_gen",
}
_ANYWHERE = "https://your-server.example"


def body(order: Order) -> dict[str, Any]:
    """The JSON that asks for *order*. What was left empty is left out, and dreamlook's own default counts."""
    if order.kind is Kind.TRAIN_AND_GENERATE:
        parts = {"dreambooth": _training(order), "image_gen": [_generation(order, one) for one in order.generations]}
    elif order.kind is Kind.TRAINING:
        parts = _training(order)
    else:
        parts = _generation(order, order.generations[0]) | _start(order)
    return parts | _about(order)


def _training(order: Order) -> dict[str, Any]:
    values = chosen([param for param in TRAINING if fits(param, order)], order.training)
    values.pop("tags", None)
    if not values.get("enable_offset_noise"):
        values.pop("enable_offset_noise", None)  # dreamlook's own samples leave it out where it is off
    prompt = {"instance_prompt": values.get("instance_prompt") or instance_prompt(order)}
    captions = {"captions_file_url": order.captions_url} if order.captions_url else {}
    return {**captions, **values, **prompt, **_start(order), "image_urls": [photo.url for photo in order.photos]}


def fits(param: Param, order: Order) -> bool:
    """Whether *param* belongs to the family of base models that *order* starts from."""
    return not param.model_types or (order.model_type or SD15) in param.model_types


def instance_prompt(order: Order) -> str:
    """What a photo without a caption shows: "photo of ukj person"; nothing when the subject has no name."""
    subject = f"{order.token} {order.class_word}".strip()
    return f"photo of {subject}" if subject else ""


def _generation(order: Order, values: Values) -> dict[str, Any]:
    family = {"model_type": order.model_type} if order.model_type else {}
    return chosen(GENERATION, values) | family


def _start(order: Order) -> dict[str, Any]:
    """What to begin with: a checkpoint excludes a base model, and SD 1.5 is what dreamlook takes unless told."""
    source = {"checkpoint_id": order.checkpoint_id} if order.checkpoint_id else {"base_model": order.base_model}
    return source | ({"model_type": SDXL} if order.model_type == SDXL else {})


def _about(order: Order) -> dict[str, Any]:
    noted = tags(str(order.training.get("tags") or "")) if order.kind.trains else []
    told = {"tags": noted, "callback": order.callback_url, "dry_run": order.dry_run}
    return {name: value for name, value in told.items() if value}


def as_command(order: Order, base_url: str) -> str:
    """*order* for a terminal: a command for each request. Key, photos and callback are the reader's own."""
    return "\n\n".join(
        curl(base_url + PATHS[one.kind], body(one), "DREAMLOOK_API_KEY") for one in _requests(_shown(order))
    )


def _requests(order: Order) -> list[Order]:
    """One order for each request that it takes: a generation has one prompt a request."""
    if order.kind is not Kind.GENERATION:
        return [order]
    return [replace(order, generations=(values,)) for values in order.generations]


def _shown(order: Order) -> Order:
    """*order* with made-up addresses: the real ones let whoever has them fetch the photos."""
    photos = order.photos or tuple(OrderPhoto(f"photo-{n}.jpg", "", "", bytes) for n in (1, 2))
    shown = tuple(replace(photo, url=f"{_ANYWHERE}/{basename(photo)}") for photo in photos)
    captions = f"{_ANYWHERE}/captions.json" if any(photo.caption for photo in photos) else ""
    return replace(order, photos=shown if order.kind.trains else (), captions_url=captions, callback_url="")
