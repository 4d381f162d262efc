"""The fields of one prompt, by the names of AUTOMATIC1111's web UI, which the worker draws with.

What is left empty is left out of the request, and the worker's own default counts. Several numbers that are fractions
in the web UI itself must be whole here: the worker takes nothing else.
"""

from jobs.providers.params import Choice, Param, Type

_SIDE = 2048
_MOST_SEED = 2**32 - 1

_SIMPLE = (
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
        "n_iter",
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
        maximum=_SIDE,
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
        maximum=_SIDE,
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
        maximum=_MOST_SEED,
    ),
)

_DRAWING = (
    Param(
        "steps",
        "Drawing steps",
        Type.INTEGER,
        "More steps draw finer; beyond 50 little changes.",
        default=50,
        unit="steps",
        minimum=1,
        maximum=150,
        step=5,
        expert=True,
    ),
    Param(
        "cfg_scale",
        "Guidance",
        Type.NUMBER,
        "How closely to follow the prompt; higher is stricter and harsher.",
        default=7.0,
        minimum=0,
        maximum=30,
        step=0.5,
        expert=True,
    ),
    Param(
        "sampler_name",
        "Sampler",
        Type.CHOICE,
        "How the picture is drawn out of noise; another name that the web UI knows can be typed.",
        default="Euler a",
        choices=tuple(
            Choice(name, name)
            for name in ("Euler a", "Euler", "Heun", "DPM++ 2M", "DPM++ 2M Karras", "DPM++ SDE Karras", "DDIM", "UniPC")
        ),
        max_length=60,
        free=True,
        expert=True,
    ),
    Param(
        "sampler_index",
        "Sampler, by its older name",
        Type.TEXT,
        "Older web UIs read the sampler's name from here.",
        max_length=60,
        expert=True,
    ),
    Param(
        "batch_size",
        "Pictures at once",
        Type.INTEGER,
        "Draws so many pictures side by side, each time; they are counted on top. Needs more memory.",
        unit="pictures",
        minimum=1,
        maximum=8,
        step=1,
        expert=True,
        counts=True,
    ),
    Param("restore_faces", "Mend faces", Type.YES_NO, "Draws faces again afterwards.", default=False, expert=True),
    Param("tiling", "Tiles", Type.YES_NO, "Makes pictures that continue at their edges.", default=False, expert=True),
    Param(
        "styles",
        "Styles",
        Type.TEXT,
        "Names of styles that your endpoint's web UI knows, with commas between them.",
        max_length=500,
        expert=True,
    ),
    Param(
        "script_name", "Script", Type.TEXT, "A script of your endpoint's web UI, by name.", max_length=100, expert=True
    ),
)


def _whole(name: str, label: str, help_: str, most: int, least: int = 0, unit: str = "") -> Param:
    """A whole number that is left to the worker unless somebody fills it in."""
    return Param(name, label, Type.INTEGER, help_, unit=unit, minimum=least, maximum=most, step=1, expert=True)


_HIRES = (
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
    _whole("hr_resize_x", "Hires fix: width", "Instead of times larger.", _SIDE, unit="pixels"),
    _whole("hr_resize_y", "Hires fix: height", "Instead of times larger.", _SIDE, unit="pixels"),
    _whole("firstphase_width", "Hires fix: first width", "Of the small drawing; older web UIs.", _SIDE, unit="pixels"),
    _whole(
        "firstphase_height", "Hires fix: first height", "Of the small drawing; older web UIs.", _SIDE, unit="pixels"
    ),
)

_VARIATION = (
    _whole("subseed", "Variation seed", "A second seed that is mixed in; -1 takes a random one.", _MOST_SEED, -1),
    _whole("subseed_strength", "Variation strength", "0 is off, 1 takes only the variation seed.", 1),
    _whole(
        "seed_resize_from_w", "Seed of width", "As if the seed's picture were so wide; -1 is off.", _SIDE, -1, "pixels"
    ),
    _whole(
        "seed_resize_from_h", "Seed of height", "As if the seed's picture were so high; -1 is off.", _SIDE, -1, "pixels"
    ),
    _whole("eta", "Eta", "How much new noise some samplers add.", 1),
    _whole("s_churn", "Sigma churn", "How much noise Euler and Heun add on their way.", 100),
    _whole("s_tmin", "Sigma least", "Below this noise level nothing is added.", 10),
    _whole("s_tmax", "Sigma most", "Above this noise level nothing is added.", 1000),
    _whole("s_noise", "Sigma noise", "How strong the added noise is; the worker's own is 1.", 2),
)

GENERATION = (*_SIMPLE, *_DRAWING, *_HIRES, *_VARIATION)
