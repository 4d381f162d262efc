"""The fields of a training on RunPod's DreamBooth worker, by the worker's own names; `total_steps` is ours.

What is left empty is left out of the request, and the worker's own default counts. It trains two parts one after the
other: the text part learns the subject's name, the picture part (UNet) how it looks.
"""

from jobs.providers.params import Choice, Param, Type
from jobs.providers.runpod.study import LOOKS

SCHEDULERS = (
    Choice("linear", "Linear", "slower towards the end"),
    Choice("cosine", "Cosine"),
    Choice("cosine_with_restarts", "Cosine with restarts"),
    Choice("polynomial", "Polynomial"),
    Choice("constant", "Constant"),
    Choice("constant_with_warmup", "Constant with warm-up"),
)

_SIMPLE = (
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

_ORDER = (
    Param(
        "concept_name",
        "Name in the photos",
        Type.TEXT,
        "What each photo is said to show. Left empty: your subject's name and what it is.",
        max_length=80,
        expert=True,
    ),
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
    *_SIMPLE,
    *_part("unet", "Picture part", 2e-6, _RATE),
    _TEXT_STEPS,
    *_part("text", "Text part", 1e-6, _TEXT_RATE),
    *_ORDER,
)
