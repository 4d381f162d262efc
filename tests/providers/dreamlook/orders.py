"""Orders to dreamlook, as tests write them, and the provider's own samples."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobs.forms import from_params
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Param, Value, Values, chosen

KEY = "dl-emulator"
STUDIO = Credentials("studio", Secret(KEY))
CALLBACK = "https://us.example/callbacks/" + "token-" * 8
OPENED: list[Dreamlook] = []
"""Those that speak to an emulator; each test closes what it opened."""
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> dict[str, Any]:
    """One of the provider's own samples."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


def dreamlook(base_url: str = "", patience: float = 5.0) -> Dreamlook:
    """The provider as the product makes it; with *base_url* it speaks to an emulator there."""
    if not base_url:
        return Dreamlook(Context())
    service = Dreamlook(Context(base_urls={"dreamlook": base_url}, allow_private_hosts=True, patience=patience))
    OPENED.append(service)
    return service


def photos(*urls: str, caption: str = "") -> tuple[OrderPhoto, ...]:
    urls = urls or tuple(f"https://us.example/p/{'secret' * 5}{n}/photo-{n}.jpg" for n in range(3))
    return tuple(OrderPhoto(url.rpartition("/")[2], caption, url, bytes) for url in urls)


def training(values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    order = {
        "kind": Kind.TRAINING,
        "base_model": "stable-diffusion-v1-5",
        "model_type": "sd-v1",
        "photos": photos(),
        "training": {"steps": 1200, "learning_rate": 1e-6, **(values or {})},
        "token": "ukj",
        "class_word": "person",
        "callback_url": CALLBACK,
    }
    return Order(**{**order, **fields})


def drawn(values: Mapping[str, Value] | None = None) -> Values:
    """The values of one generation."""
    return {"prompt": "ukj person on the beach", "num_samples": 2, "width": 64, "height": 64, **(values or {})}


def generation(values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    order = {
        "kind": Kind.GENERATION,
        "base_model": "stable-diffusion-v1-5",
        "model_type": "sd-v1",
        "generations": (drawn(values),),
        "callback_url": CALLBACK,
    }
    return Order(**{**order, **fields})


def both(prompts: int = 2, **fields: object) -> Order:
    return training(kind=Kind.TRAIN_AND_GENERATE, generations=(drawn(),) * prompts, **fields)


def typed(params: Iterable[Param], settings: Mapping[str, object], model_type: str = "sd-v1") -> Values:
    """What our form makes of *settings* as somebody types them; every other field is left empty."""
    given: dict[str, Value] = {}
    for name, field in from_params.fields(params, model_type).items():
        given[name] = field.clean("" if settings.get(name) is None else str(from_params.written(settings[name])))
    return chosen(params, given)
