"""The fields of one prompt that everybody fills in, the same at every service that draws with Stable Diffusion."""

from jobs.providers.params import Param, Type

LARGEST_SEED = 2**32 - 1


def simple_fields(*, pictures: str, most_pixels: int) -> tuple[Param, ...]:
    """Prompt, what not to show, how many pictures, their size and the seed. *pictures* is the provider's own name for
    their number, *most_pixels* the longest side it draws."""
    return (
        Param(
            "prompt",
            "Prompt",
            Type.LONG_TEXT,
            "What the picture should show; begin with your subject's name and what it is.",
            max_length=2000,
            required=True,
        ),
        Param(
            "negative_prompt",
            "Not in the picture",
            Type.LONG_TEXT,
            "What the picture should not show, in a few words.",
            max_length=2000,
        ),
        Param(
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
        ),
        Param(
            "width",
            "Width",
            Type.INTEGER,
            "Sizes near the base model's own work best.",
            default=512,
            unit="pixels",
            minimum=64,
            maximum=most_pixels,
            step=8,
            required=True,
        ),
        Param(
            "height",
            "Height",
            Type.INTEGER,
            "Higher than wide makes a portrait.",
            default=512,
            unit="pixels",
            minimum=64,
            maximum=most_pixels,
            step=8,
            required=True,
        ),
        Param(
            "seed",
            "Seed",
            Type.SEED,
            "The same seed and settings give the same picture; -1 takes a random one.",
            default=-1,
            minimum=-1,
            maximum=LARGEST_SEED,
        ),
    )
