"""What people can choose at dreamlook, by dreamlook's own names: base models, the fields of a training and of a
generation, presets.

What is left empty is left out of the request, and dreamlook's own default counts. `text_encoder_training` is not
offered: it belongs to a withdrawn beta.
"""

from jobs.providers.kit.fields import simple_fields
from jobs.providers.order import BaseModel
from jobs.providers.params import Choice, Param, Preset, Type

SD15 = "sd-v1"
SDXL = "sdxl-v1"

MODEL_TYPES = (
    Choice(SD15, "SD 1.5", "quick; 512 pixels"),
    Choice(SDXL, "SDXL", "finer; 1024 pixels"),
)

BASE_MODELS = (
    BaseModel("stable-diffusion-v1-5", "Stable Diffusion 1.5", SD15, 512, "Quick and cheap; happiest at 512 pixels."),
    BaseModel("stable-diffusion-xl-v1-0", "Stable Diffusion XL", SDXL, 1024, "Finer detail at 1024 pixels."),
    BaseModel("realistic-vision-v5-1", "Realistic Vision 5.1", SD15, 512, "SD 1.5 that likes to look like a photo."),
    BaseModel("realistic-vision-v3-0", "Realistic Vision 3.0", SD15, 512, "The older one, a little softer."),
    BaseModel("cyberrealistic-v3-1", "CyberRealistic 3.1", SD15, 512, "SD 1.5 with crisp, contrasty portraits."),
    BaseModel("realism-engine-sdxl-v3-0", "Realism Engine XL 3.0", SDXL, 1024, "SDXL that likes to look like a photo."),
)


def typed(id_: str) -> BaseModel:
    """A base model that is not listed, by the name it has at dreamlook; its name tells SDXL from SD 1.5, as a guess."""
    if "xl" in id_.lower():
        return BaseModel(id_, id_, SDXL, 1024, "Not on our list: taken for SDXL by its name.")
    return BaseModel(id_, id_, SD15, 512, "Not on our list: taken for SD 1.5 by its name.")


MOST_STEPS = 100_000

_STUDY = (
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

TRAINING = (*_STUDY, *_LEARNING, *_PROMPTS, *_FILES, *_ORDER)


_SIMPLE = simple_fields(pictures="num_samples", most_pixels=2048)

_DRAWING = (
    Param(
        "guidance_scale",
        "Guidance",
        Type.NUMBER,
        "How closely to follow the prompt; higher is stricter and harsher.",
        default=7.5,
        defaults={SDXL: 7.0},
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
        defaults={SDXL: 40},
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
        "How much the second, larger drawing may change.",
        default=0.6,
        minimum=0,
        maximum=1,
        step=0.05,
        expert=True,
        needs="enable_hrf",
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

GENERATION = (*_SIMPLE, *_DRAWING)


_PEOPLE_ADVICE = "About 12 photos: different clothes, days, light and backgrounds, no sunglasses."
_SD15 = "stable-diffusion-v1-5"
_SDXL = "stable-diffusion-xl-v1-0"

PRESETS = (
    Preset(
        "person",
        "A person",
        "person",
        f"Learns a face, and still draws it in new places. {_PEOPLE_ADVICE}",
        _SD15,
        {"steps": 1200, "learning_rate": 1e-6, "learning_rate_te": 1e-6, "crop_method": "face"},
        class_word="person",
        photos=(7, 16),
        numbers="100 steps a photo at 1e-6, SD\N{NO-BREAK SPACE}1.5",
        steps_per_photo=100,
    ),
    Preset(
        "person-sdxl",
        "A person, finer detail",
        "person",
        f"Larger, sharper pictures; takes longer. {_PEOPLE_ADVICE}",
        _SDXL,
        {
            "steps": 1500,
            "learning_rate": 1e-5,
            "learning_rate_te1": 3e-6,
            "learning_rate_te2": 0.0,
            "crop_method": "face",
        },
        class_word="person",
        photos=(5, 15),
        numbers="1500 steps in all at 1e-5, SDXL, no offset noise",
    ),
    Preset(
        "pet",
        "A pet",
        "pet",
        "Animals are learnt like people. Show the whole animal and its face, in different places.",
        _SD15,
        {"steps": 1200, "learning_rate": 1e-6, "learning_rate_te": 1e-6, "crop_method": "center"},
        class_word="dog",
        photos=(7, 16),
        numbers="100 steps a photo at 1e-6, SD\N{NO-BREAK SPACE}1.5",
        steps_per_photo=100,
    ),
    Preset(
        "object",
        "An object",
        "object",
        "A thing is learnt quickly: five to ten photos from different sides are enough.",
        _SD15,
        {"steps": 800, "learning_rate": 2e-6, "learning_rate_te": 2e-6, "crop_method": "center"},
        class_word="toy",
        photos=(5, 10),
        numbers="80 steps a photo, 400 to 800 in all, at 2e-6, SD\N{NO-BREAK SPACE}1.5",
        steps_per_photo=80,
    ),
    Preset(
        "style",
        "A style",
        "style",
        "A way of drawing or photographing rather than a subject. Needs many pictures; captions help.",
        _SDXL,
        {
            "steps": 5000,
            "learning_rate": 5e-6,
            "learning_rate_te1": 3e-6,
            "learning_rate_te2": 0.0,
            "crop_method": "center",
        },
        class_word="style",
        photos=(50, 500),
        numbers="100 steps a picture at 5e-6, SDXL",
        steps_per_photo=100,
    ),
)
