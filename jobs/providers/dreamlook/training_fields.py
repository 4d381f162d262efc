"""The fields of a dreamlook training, by dreamlook's own names.

What is left empty is left out of the request, and dreamlook's own default counts. `text_encoder_training` is not
offered: it belongs to a withdrawn beta.
"""

from jobs.providers.dreamlook.base_models import SD15, SDXL
from jobs.providers.params import Choice, Param, Type

MOST_STEPS = 100_000

_SIMPLE = (
    Param(
        "steps",
        "Steps",
        Type.INTEGER,
        "How long it studies the photos: about 100 steps for each of a person, fewer for an object.",
        default=1200,
        unit="steps",
        minimum=1,
        maximum=MOST_STEPS,
        step=50,
        required=True,
    ),
    Param(
        "crop_method",
        "Crop",
        Type.CHOICE,
        "Which square of each photo is used.",
        default="center",
        choices=(Choice("center", "The middle"), Choice("face", "Around the face", "for people")),
    ),
    Param(
        "extract_lora",
        "Extract a LoRA",
        Type.CHOICE,
        "Also make a small file (about 75 MB) with only what was learnt, for use in other programs.",
        default="original",
        choices=(Choice("original", "Yes"), Choice("disabled", "No")),
    ),
    Param(
        "save_checkpoints_at",
        "Also save checkpoints at",
        Type.INTEGERS,
        "Steps at which to keep a copy, to compare early with late.",
        unit="steps",
        minimum=1,
        maximum=MOST_STEPS,
        max_length=20,
        expert=True,
    ),
)

_LEARNING = (
    Param(
        "learning_rate",
        "Learning rate",
        Type.NUMBER,
        "How much each step changes the model; too high and every picture looks like a photo of the set.",
        default=1e-6,
        unit="per step",
        minimum=1e-9,
        maximum=1e-2,
        required=True,
        expert=True,
    ),
    Param(
        "learning_rate_te",
        "Text encoder learning rate",
        Type.NUMBER,
        "The same for the part that reads the prompt; usually equal to the learning rate.",
        unit="per step",
        minimum=0,
        maximum=1e-2,
        expert=True,
        model_types=frozenset({SD15}),
    ),
    Param(
        "learning_rate_te1",
        "First text encoder learning rate",
        Type.NUMBER,
        "SDXL reads prompts with two encoders; this is the first. 3e-6 is usual.",
        unit="per step",
        minimum=0,
        maximum=1e-2,
        expert=True,
        model_types=frozenset({SDXL}),
    ),
    Param(
        "learning_rate_te2",
        "Second text encoder learning rate",
        Type.NUMBER,
        "Must be 0: dreamlook does not train the second encoder.",
        default=0.0,
        unit="per step",
        minimum=0,
        maximum=0,
        expert=True,
        model_types=frozenset({SDXL}),
    ),
    Param(
        "enable_offset_noise",
        "Offset noise",
        Type.YES_NO,
        "Lets pictures become truly dark or bright. SDXL has it built in, so it is only for SD 1.5.",
        default=False,
        expert=True,
        model_types=frozenset({SD15}),
    ),
)

_PROMPTS = (
    Param(
        "instance_prompt",
        "Instance prompt",
        Type.TEXT,
        "What a photo without a caption shows. Left empty: “photo of” with your subject's name and what it is.",
        max_length=500,
        expert=True,
    ),
    Param(
        "captions_file_url",
        "Captions file",
        Type.TEXT,
        "The https address of a captions file of your own. Left empty, the captions of the photo set are used.",
        max_length=2000,
        expert=True,
    ),
)

_FILES = (
    Param(
        "saved_model_format",
        "Checkpoint layout",
        Type.CHOICE,
        "How the checkpoint is laid out inside; dreamlook knows one layout.",
        default="original",
        choices=(Choice("original", "Original"),),
        expert=True,
    ),
    Param(
        "saved_model_weights_format",
        "Checkpoint file",
        Type.CHOICE,
        "Safetensors files can be opened without running code from inside them.",
        default="safetensors",
        choices=(Choice("safetensors", "Safetensors"),),
        expert=True,
    ),
    Param(
        "checkpoint_availability_mode",
        "Kept at dreamlook",
        Type.CHOICE,
        "How long dreamlook keeps the checkpoint; standard is 48 hours.",
        choices=(Choice("standard", "Standard"),),
        expert=True,
    ),
)

_ORDER = (
    Param(
        "priority",
        "Priority",
        Type.INTEGER,
        "The place in dreamlook's queue; 100 is usual.",
        minimum=0,
        maximum=1000,
        step=1,
        expert=True,
    ),
    Param(
        "tags",
        "Tags at dreamlook",
        Type.TEXT,
        "Notes that dreamlook shows with the job, for example: client=acme, shoot=june.",
        max_length=500,
        expert=True,
    ),
)

TRAINING = (*_SIMPLE, *_LEARNING, *_PROMPTS, *_FILES, *_ORDER)
