"""What people can choose on RunPod's DreamBooth worker: what to start from, the fields of a training by the worker's
own names (`total_steps` is ours, and `concept_name` is the subject's name), those of a prompt by the names of
AUTOMATIC1111's web UI, which the worker draws with, and presets.

What is left empty is left out of the request, and the worker's own default counts. A training has two parts one after
the other: the text part learns the subject's name, the picture part (UNet) how it looks. Several numbers of a prompt
that are fractions in the web UI itself must be whole here: the worker takes nothing else.
"""

from dataclasses import replace

from jobs.providers.kit.fields import LARGEST_SEED, simple_fields
from jobs.providers.order import BaseModel
from jobs.providers.params import Choice, Param, Preset, Type

SD15 = "sd-v1"
MODEL_TYPES = (Choice(SD15, "SD 1.5", "512 pixels"),)

OWN = BaseModel("stable-diffusion-v1-5", "Stable Diffusion 1.5", SD15, 512, "The worker has it at hand: quickest.")
BASE_MODELS = (OWN,)
TYPED_HELP = (
    "Its name at Hugging Face, such as owner/model (in the diffusers layout with a .bin file for the unet), or the "
    "https link of a .ckpt file."
)

LOOKS = 100
"""How often a training sees each photo, unless told otherwise."""


def typed(id_: str) -> BaseModel:
    """A base model that is not listed."""
    return BaseModel(id_, id_, SD15, 512, "Fetched by the worker before it begins.")


SCHEDULERS = (
    Choice("linear", "Linear", "slower towards the end"),
    Choice("cosine", "Cosine"),
    Choice("cosine_with_restarts", "Cosine with restarts"),
    Choice("polynomial", "Polynomial"),
    Choice("constant", "Constant"),
    Choice("constant_with_warmup", "Constant with warm-up"),
)

_LENGTH = (
    Param(
        "unet_epochs",
        "Looks per photo",
        Type.INTEGER,
        "How often it studies each photo; about 100 is right for people.",
        default=LOOKS,
        unit="looks",
        minimum=1,
        maximum=2000,
        step=10,
    ),
    Param(
        "total_steps",
        "Or steps in all",
        Type.INTEGER,
        "If you think in steps: filled in, this counts instead of looks per photo.",
        unit="steps",
        minimum=1,
        maximum=100_000,
        step=50,
    ),
)

_REST = (
    Param(
        "offset_noise",
        "Offset noise",
        Type.YES_NO,
        "Lets pictures become truly dark or bright.",
        default=False,
        expert=True,
    ),
    Param(
        "pndm_scheduler",
        "PNDM scheduler",
        Type.YES_NO,
        "Trains with another noise schedule; newer workers only.",
        default=False,
        expert=True,
    ),
)


def _part(prefix: str, part: str, rate: float, rate_help: str) -> tuple[Param, ...]:
    """The fields that both parts of a training have."""
    return (
        Param(
            f"{prefix}_learning_rate",
            f"{part}: learning rate",
            Type.NUMBER,
            rate_help,
            default=rate,
            unit="per step",
            minimum=1e-9,
            maximum=1e-2,
            expert=True,
        ),
        Param(
            f"{prefix}_lr_scheduler",
            f"{part}: rate over time",
            Type.CHOICE,
            "How the learning rate changes during the training. The worker's own is linear.",
            choices=SCHEDULERS,
            expert=True,
        ),
        Param(
            f"{prefix}_resolution",
            f"{part}: resolution",
            Type.INTEGER,
            "How large it sees the photos. The worker's own is 512; larger is slower and needs more memory.",
            unit="pixels",
            minimum=64,
            maximum=1024,
            step=64,
            expert=True,
        ),
        Param(
            f"{prefix}_batch_size",
            f"{part}: photos at once",
            Type.INTEGER,
            "How many photos each step sees. The worker's own is 1; more needs more memory.",
            unit="photos",
            minimum=1,
            maximum=64,
            step=1,
            expert=True,
        ),
        Param(
            f"{prefix}_seed",
            f"{part}: seed",
            Type.INTEGER,
            "The same seed gives the same training. The worker's own is 555.",
            minimum=0,
            maximum=2**32 - 1,
            step=1,
            expert=True,
        ),
        Param(
            f"{prefix}_8_bit_adam",
            f"{part}: 8-bit Adam",
            Type.YES_NO,
            "Needs less memory, for a little quality.",
            default=False,
            expert=True,
        ),
    )


_TEXT_STEPS = Param(
    "text_steps",
    "Text part: steps",
    Type.INTEGER,
    "How long it studies the subject's name. Left empty: 30 in 100 of the other steps, 200 to 450.",
    unit="steps",
    minimum=1,
    maximum=100_000,
    step=50,
    expert=True,
)
_RATE = "How much each step changes what it sees; too high and every picture looks like a photo of the set."
_TEXT_RATE = "How much each step changes what the name means; usually half of the picture part's."

TRAINING = (
    *_LENGTH,
    *_part("unet", "Picture part", 2e-6, _RATE),
    _TEXT_STEPS,
    *_part("text", "Text part", 1e-6, _TEXT_RATE),
    *_REST,
)


SIDE = 2048
"""Pixels that a picture has along an edge at most."""


def _whole(name: str, label: str, help_: str, most: int, least: int = 0, unit: str = "") -> Param:
    """A whole number that is left to the worker unless somebody fills it in."""
    return Param(name, label, Type.INTEGER, help_, unit=unit, minimum=least, maximum=most, step=1, expert=True)


_HIRES = (
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
HIRES = (
    Param(
        "enable_hr",
        "Hires fix",
        Type.YES_NO,
        "Draws small first and then larger, so that large pictures do not show things twice.",
        default=False,
        expert=True,
    ),
    *(replace(param, needs="enable_hr") for param in _HIRES),
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


_SIMPLE = simple_fields(pictures="n_iter", most_pixels=SIDE)

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
        "Draws so many side by side: 4 pictures, 2 at once, make 8. Needs more memory.",
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

GENERATION = (*_SIMPLE, *_DRAWING, *HIRES, *VARIATION)


_PEOPLE_ADVICE = "About 12 photos: different clothes, days, light and backgrounds, no sunglasses."

PRESETS = (
    Preset(
        "person",
        "A person",
        "person",
        f"Learns a face, and still draws it in new places. {_PEOPLE_ADVICE}",
        OWN.id,
        {"unet_epochs": 100, "unet_learning_rate": 2e-6, "text_learning_rate": 1e-6},
        class_word="person",
        photos=(7, 20),
        numbers="100 looks a photo at 2e-6, SD\N{NO-BREAK SPACE}1.5",
    ),
    Preset(
        "pet",
        "A pet",
        "pet",
        "Animals are learnt like people. Show the whole animal and its face, in different places.",
        OWN.id,
        {"unet_epochs": 100, "unet_learning_rate": 2e-6, "text_learning_rate": 1e-6},
        class_word="dog",
        photos=(7, 20),
        numbers="100 looks a photo at 2e-6, SD\N{NO-BREAK SPACE}1.5",
    ),
    Preset(
        "object",
        "An object",
        "object",
        "A thing is learnt quickly: five to ten photos from different sides are enough.",
        OWN.id,
        {"unet_epochs": 80, "unet_learning_rate": 2e-6, "text_learning_rate": 1e-6},
        class_word="toy",
        photos=(5, 12),
        numbers="80 looks a photo at 2e-6, SD\N{NO-BREAK SPACE}1.5",
    ),
    Preset(
        "style",
        "A style",
        "style",
        "A way of drawing or photographing rather than a subject. Many pictures, each looked at less often.",
        OWN.id,
        {"unet_epochs": 50, "unet_learning_rate": 1e-6, "text_learning_rate": 1e-6},
        class_word="style",
        photos=(30, 200),
        numbers="50 looks a picture at 1e-6, SD\N{NO-BREAK SPACE}1.5",
    ),
)
