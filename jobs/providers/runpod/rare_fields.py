"""The fields of one prompt that few people need: drawing small before large, and what samplers do with noise."""

from jobs.providers.kit.fields import LARGEST_SEED
from jobs.providers.params import Param, Type

SIDE = 2048
"""Pixels that a picture has along an edge at most."""


def _whole(name: str, label: str, help_: str, most: int, least: int = 0, unit: str = "") -> Param:
    """A whole number that is left to the worker unless somebody fills it in."""
    return Param(name, label, Type.INTEGER, help_, unit=unit, minimum=least, maximum=most, step=1, expert=True)


HIRES = (
    Param(
        "enable_hr",
        "Hires fix",
        Type.YES_NO,
        "Draws small first and then larger, so that large pictures do not show things twice.",
        default=False,
        expert=True,
    ),
    Param(
        "denoising_strength",
        "Hires fix: strength",
        Type.NUMBER,
        "How much the second, larger drawing may change.",
        minimum=0,
        maximum=1,
        step=0.05,
        expert=True,
    ),
    _whole("hr_scale", "Hires fix: times larger", "The worker's own is 2; 0 leaves it to the size below.", 4),
    Param(
        "hr_upscaler",
        "Hires fix: upscaler",
        Type.TEXT,
        "For example Latent or R-ESRGAN 4x+.",
        max_length=60,
        expert=True,
    ),
    _whole("hr_second_pass_steps", "Hires fix: steps", "0 takes as many as the first drawing.", 150, unit="steps"),
    _whole("hr_resize_x", "Hires fix: width", "Instead of times larger.", SIDE, unit="pixels"),
    _whole("hr_resize_y", "Hires fix: height", "Instead of times larger.", SIDE, unit="pixels"),
    _whole("firstphase_width", "Hires fix: first width", "Of the small drawing; older web UIs.", SIDE, unit="pixels"),
    _whole("firstphase_height", "Hires fix: first height", "Of the small drawing; older web UIs.", SIDE, unit="pixels"),
)

VARIATION = (
    _whole("subseed", "Variation seed", "A second seed that is mixed in; -1 takes a random one.", LARGEST_SEED, -1),
    _whole("subseed_strength", "Variation strength", "0 is off, 1 takes only the variation seed.", 1),
    _whole(
        "seed_resize_from_w", "Seed of width", "As if the seed's picture were so wide; -1 is off.", SIDE, -1, "pixels"
    ),
    _whole(
        "seed_resize_from_h", "Seed of height", "As if the seed's picture were so high; -1 is off.", SIDE, -1, "pixels"
    ),
    _whole("eta", "Eta", "How much new noise some samplers add.", 1),
    _whole("s_churn", "Sigma churn", "How much noise Euler and Heun add on their way.", 100),
    _whole("s_tmin", "Sigma least", "Below this noise level nothing is added.", 10),
    _whole("s_tmax", "Sigma most", "Above this noise level nothing is added.", 1000),
    _whole("s_noise", "Sigma noise", "How strong the added noise is; the worker's own is 1.", 2),
)
