"""The fields of one dreamlook generation, by dreamlook's own names."""

from jobs.providers.kit.fields import simple_fields
from jobs.providers.params import Choice, Param, Type

_SIMPLE = simple_fields(pictures="num_samples", most_pixels=2048)

_EXPERT = (
    Param(
        "guidance_scale",
        "Guidance",
        Type.NUMBER,
        "How closely to follow the prompt; higher is stricter and harsher.",
        default=7.5,
        minimum=0,
        maximum=50,
        step=0.5,
        expert=True,
    ),
    Param(
        "num_inference_steps",
        "Drawing steps",
        Type.INTEGER,
        "More steps draw finer; beyond 50 little changes.",
        default=30,
        unit="steps",
        minimum=1,
        maximum=200,
        step=5,
        expert=True,
    ),
    Param(
        "scheduler_type",
        "Sampler",
        Type.CHOICE,
        "How the picture is drawn out of noise; another name that dreamlook knows can be typed.",
        default="dpm++",
        choices=(Choice("dpm++", "DPM++"), Choice("dpmpp-2m-karras", "DPM++ 2M Karras")),
        max_length=60,
        free=True,
        expert=True,
    ),
    Param(
        "enable_hrf",
        "Hires fix",
        Type.YES_NO,
        "Draws small first and then larger, so that large pictures do not show things twice.",
        default=False,
        expert=True,
    ),
    Param(
        "denoising_strength",
        "Hires fix strength",
        Type.NUMBER,
        "How much the second, larger drawing may change; only with the hires fix.",
        default=0.6,
        minimum=0,
        maximum=1,
        step=0.05,
        expert=True,
    ),
    Param(
        "output_format",
        "File",
        Type.CHOICE,
        "PNG loses nothing.",
        default="png",
        choices=(Choice("png", "PNG"),),
        expert=True,
    ),
)

GENERATION = (*_SIMPLE, *_EXPERT)
