"""Orders to RunPod, as tests write them, and the provider's own samples."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Value, Values
from jobs.providers.runpod.adapter import RunPod
from tests.providers.dreamlook.orders import typed

__all__ = ["typed"]

KEY = "rpa_EMULATED_KEY"
ENDPOINT = "ep-studio-1"
BUCKET = {
    "bucket_name": "models",
    "bucket_access_id": "AKIASTUDIO",
    "bucket_endpoint": "https://s3.eu-central-1.amazonaws.com",
}
BUCKET_SECRET = "bucket/secret+of=studio"
STUDIO = Credentials(
    "studio", Secret(KEY), {"endpoint_id": ENDPOINT, **BUCKET}, {"bucket_secret": Secret(BUCKET_SECRET)}
)
BARE = Credentials("bare", Secret(KEY), {"endpoint_id": ENDPOINT})
"""A key without a bucket."""
CALLBACK = "https://us.example/callbacks/" + "token-" * 8
ARCHIVE = "https://us.example/lent/" + "secret" * 5 + "/photos.zip"
OPENED: list[RunPod] = []
"""Those that speak to an emulator; each test closes what it opened."""
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> dict[str, Any]:
    """One of the provider's own samples."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


def runpod(base_url: str = "", patience: float = 5.0) -> RunPod:
    """The provider as the product makes it; with *base_url* it speaks to an emulator there."""
    if not base_url:
        return RunPod(Context())
    service = RunPod(Context(base_urls={"runpod": base_url}, allow_private_hosts=True, patience=patience))
    OPENED.append(service)
    return service


def photos(count: int = 12) -> tuple[OrderPhoto, ...]:
    return tuple(OrderPhoto(f"photo-{number}.jpg", "", "", bytes) for number in range(count))


def drawn(values: Mapping[str, Value] | None = None) -> Values:
    """The values of one generation."""
    return {"prompt": "ukj person on the beach", "n_iter": 2, "width": 64, "height": 64, **(values or {})}


def training(values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    order = {
        "kind": Kind.TRAINING,
        "base_model": "stable-diffusion-v1-5",
        "model_type": "sd-v1",
        "photos": photos(),
        "training": {"unet_epochs": 100, **(values or {})},
        "token": "ukj",
        "class_word": "person",
        "callback_url": CALLBACK,
        "archive_url": ARCHIVE,
        "key_options": STUDIO.options,
        "reference": "job-17",
    }
    return Order(**{**order, **fields})


def both(prompts: int = 2, values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    generations = (drawn(values),) * prompts
    return training(**{"kind": Kind.TRAIN_AND_GENERATE, "generations": generations, **fields})
