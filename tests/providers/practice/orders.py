"""Orders to the practice provider, as tests write them."""

from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Value
from jobs.providers.practice.adapter import Practice

STUDIO = Credentials("studio")
ELSEWHERE = Credentials("elsewhere")


def practice(context: Context | None = None) -> Practice:
    """A practice provider at 20 s a training (3 s of them in the queue) and half a second a picture."""
    return Practice(context or Context(practice_training_seconds=20, practice_image_seconds=0.5))


def jpeg(colour: str = "teal", size: tuple[int, int] = (320, 240), backdrop: str = "wheat") -> bytes:
    """A photo of an egg on a plain background."""
    image = Image.new("RGB", size, backdrop)
    width, height = size
    ImageDraw.Draw(image).ellipse((width * 0.3, height * 0.2, width * 0.7, height * 0.85), fill=colour)
    content = BytesIO()
    image.save(content, "JPEG")
    return content.getvalue()


def photos(count: int = 3) -> tuple[OrderPhoto, ...]:
    return tuple(OrderPhoto(f"photo-{number}.jpg", "", "", jpeg) for number in range(count))


def training(values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    order = {
        "kind": Kind.TRAINING,
        "base_model": "practice-sd15",
        "model_type": "sd-v1",
        "photos": photos(),
        "training": values or {},
        "callback_url": "https://us.example/callback/token",
    }
    return Order(**{**order, **fields})


def generation(values: Mapping[str, Value] | None = None, **fields: object) -> Order:
    values = {"prompt": "ukj toy on the beach", "width": 256, "height": 256, **(values or {})}
    order = {
        "kind": Kind.GENERATION,
        "base_model": "practice-sd15",
        "model_type": "sd-v1",
        "generations": (values,),
        "callback_url": "https://us.example/callback/token",
    }
    return Order(**{**order, **fields})


def both(prompts: int = 1, **fields: object) -> Order:
    values = {"prompt": "ukj toy in snow", "num_samples": 2, "width": 256, "height": 256}
    return training(kind=Kind.TRAIN_AND_GENERATE, generations=(values,) * prompts, **fields)
