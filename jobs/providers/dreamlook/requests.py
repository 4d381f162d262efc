"""From an order to what dreamlook wants to be sent; and what it certainly does not take, so that nothing is sent and no
attempt is spent on it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from jobs.providers.dreamlook.fields import GENERATION, MODEL_TYPES, SD15, SDXL, TRAINING
from jobs.providers.kit.command import curl
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Param, Values, chosen, missing

PATHS = {
    Kind.TRAINING: "/dreambooth",
    Kind.GENERATION: "/image_gen",
    Kind.TRAIN_AND_GENERATE: "/dreambooth_image_gen",
}
_ANYWHERE = "https://your-server.example"
_LABELS = {choice.value: choice.label for choice in MODEL_TYPES}


def body(order: Order) -> dict[str, Any]:
    """The JSON that asks for *order*. What was left empty is left out, and dreamlook's own default counts."""
    if order.kind is Kind.TRAIN_AND_GENERATE:
        parts = {"dreambooth": _training(order), "image_gen": [_generation(order, one) for one in order.generations]}
    elif order.kind is Kind.TRAINING:
        parts = _training(order)
    else:
        parts = _generation(order, order.generations[0]) | _start(order)
    told = {
        "tags": tags(str(order.training.get("tags") or "")) if order.kind.trains else [],
        "callback": order.callback_url,
        "dry_run": order.dry_run,
    }
    return parts | {name: value for name, value in told.items() if value}


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


def tags(text: str) -> list[dict[str, str]]:
    """The tags in *text*, `client=acme, shoot=june`, as third-party clients send them; the provider does not document
    their shape. Raises `ValueError` for one without a name."""
    found = [[word.strip() for word in part.partition("=")] for part in text.split(",") if part.strip()]
    if not all(key for key, _, _ in found):
        raise ValueError("a tag without a name")
    return [{"key": key, "value": value} for key, _, value in found]


def basename(photo: OrderPhoto) -> str:
    """The name dreamlook knows *photo* by: the end of its address without the query; its own where it has none."""
    return unquote(urlsplit(photo.url).path.rpartition("/")[2]) or photo.name


def captions_file(photos: Sequence[OrderPhoto]) -> bytes:
    """`{"photo-1.jpg": "…"}` for those that have a caption; nothing when none has one. dreamlook finds a photo's by the
    last part of its address, and takes `instance_prompt` for a photo without one."""
    captions = {basename(photo): photo.caption.strip() for photo in photos if photo.caption.strip()}
    return json.dumps(captions, ensure_ascii=True).encode() if captions else b""


def as_command(order: Order, base_url: str) -> str:
    """*order* for a terminal: a command for each request. Key, photos and callback are the reader's own, and all
    addresses are made up: the real ones let whoever has them fetch the photos."""
    photos = order.photos or tuple(OrderPhoto(f"photo-{n}.jpg", "", "", bytes) for n in (1, 2))
    elsewhere = tuple(replace(photo, url=f"{_ANYWHERE}/{basename(photo)}") for photo in photos)
    captions = f"{_ANYWHERE}/captions.json" if any(photo.caption for photo in photos) else ""
    shown = replace(order, photos=elsewhere if order.kind.trains else (), captions_url=captions, callback_url="")
    # A generation has one prompt a request.
    each = [replace(shown, generations=(values,)) for values in shown.generations]
    requests = each if order.kind is Kind.GENERATION else [shown]
    return "\n\n".join(curl(base_url + PATHS[one.kind], body(one), "DREAMLOOK_API_KEY") for one in requests)


def wrong_fields(order: Order) -> dict[str, str]:
    """A sentence for each field of *order* that cannot be, its photos aside."""
    wrong = {}
    if not order.base_model.strip() and not order.checkpoint_id:
        wrong["base_model"] = "Choose a base model or a checkpoint to start from."
    elif order.model_type and order.model_type not in _LABELS:
        wrong["base_model"] = f"dreamlook works with {' and '.join(_LABELS.values())} only."
    if order.kind.trains:
        wrong |= missing(TRAINING, order.training) | _wrong_training(order)
    if order.kind.generates and not order.generations:
        wrong["prompt"] = "At least one prompt is needed."
    elif order.kind is Kind.GENERATION and len(order.generations) > 1:
        wrong["prompt"] = "dreamlook takes one prompt an order."
    elif order.kind.generates:
        for values in order.generations:
            wrong |= missing(GENERATION, values)
    return wrong


def _wrong_training(order: Order) -> dict[str, str]:
    """Values that cannot be, and those of fields that belong to the other family of base models."""
    values = order.training
    wrong = {
        param.name: f"This is only for {' and '.join(_LABELS[one] for one in sorted(param.model_types))}."
        for param in TRAINING
        if not fits(param, order)
        if values.get(param.name) not in (None, "", False)
    }
    if order.model_type == SDXL and values.get("learning_rate_te2"):
        wrong["learning_rate_te2"] = "This must be 0: dreamlook does not train the second encoder."
    if not (values.get("instance_prompt") or instance_prompt(order)):
        wrong["instance_prompt"] = "Give your subject a name, or say what the photos show."
    if not str(values.get("captions_file_url") or "https://").startswith("https://"):
        wrong["captions_file_url"] = "An address that begins with https://, please."
    steps, wanted = values.get("steps"), values.get("save_checkpoints_at")
    if isinstance(steps, int) and isinstance(wanted, list) and any(int(step) > steps for step in wanted):
        wrong["save_checkpoints_at"] = f"There are only {steps} steps."
    try:
        tags(str(values.get("tags") or ""))
    except ValueError:
        wrong["tags"] = "Each tag has a name: client=acme, shoot=june."
    return wrong


def wrong_photos(order: Order) -> dict[str, str]:
    """What keeps dreamlook from fetching the photos of *order*, or from telling them apart."""
    if not order.kind.trains:
        return {}
    if not order.photos:
        return {"photos": "A training needs at least one photo."}
    if not all(photo.url.startswith(("https://", "http://")) for photo in order.photos):
        return {"photos": "dreamlook fetches photos by their address, and these have none it can reach."}
    if max(Counter(map(basename, order.photos)).values()) > 1:
        return {"photos": "Two photos have the same name, so dreamlook could not tell their captions apart."}
    return {}
