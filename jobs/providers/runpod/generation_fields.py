"""The fields of one prompt, by the names of AUTOMATIC1111's web UI, which the worker draws with.

What is left empty is left out of the request, and the worker's own default counts. Several numbers that are fractions
in the web UI itself must be whole here: the worker takes nothing else.
"""

from jobs.providers.kit.fields import simple_fields
from jobs.providers.params import Choice, Param, Type
from jobs.providers.runpod.rare_fields import HIRES, SIDE, VARIATION

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
