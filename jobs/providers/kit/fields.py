"""The fields of one prompt that everybody fills in, the same at every service that draws with Stable Diffusion."""

from jobs.providers.params import Param, Type

LARGEST_SEED = 2**32 - 1

_PROMPT = Param(
    "prompt",
    "Prompt",
    Type.LONG_TEXT,
    "What the picture should show; begin with your subject's name and what it is.",
    max_length=2000,
    required=True,
)
_NEGATIVE_PROMPT = Param(
    "negative_prompt",
    "Not in the picture",
    Type.LONG_TEXT,
    "What the picture should not show, in a few words.",
    max_length=2000,
)
_SEED = Param(
    "seed",
    "Seed",
    Type.SEED,
    "The same seed and settings give the same picture; -1 takes a random one.",
    default=-1,
    minimum=-1,
    maximum=LARGEST_SEED,
)


def simple_fields(*, pictures: str, most_pixels: int) -> tuple[Param, ...]:
    """Prompt, what not to show, how many pictures, their size and the seed. *pictures* is the provider's own name for
    their number, *most_pixels* the longest side it draws."""
    number = Param(
        pictures,
        "Pictures",
        Type.INTEGER,
        "How many pictures to make for each prompt.",
        default=4,
        unit="pictures",
        minimum=1,
        maximum=100,
        step=1,
        required=True,
        counts=True,
    )
    width = _side("width", "Width", "Sizes near the base model's own work best.", most_pixels)
    height = _side("height", "Height", "Higher than wide makes a portrait.", most_pixels)
    return (_PROMPT, _NEGATIVE_PROMPT, number, width, height, _SEED)


def _side(name: str, label: str, help_: str, most_pixels: int) -> Param:
    return Param(
        name,
        label,
        Type.INTEGER,
        help_,
        default=512,
        unit="pixels",
        minimum=64,
        maximum=most_pixels,
        step=8,
        required=True,
    )
