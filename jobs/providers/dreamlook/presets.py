"""Presets for dreamlook. The numbers for people and styles are those of its own guide."""

from jobs.providers.params import Preset

_PEOPLE_ADVICE = "12 is typical; different clothes, days, light and backgrounds, no sunglasses."
_SD15 = "stable-diffusion-v1-5"
_SDXL = "stable-diffusion-xl-v1-0"

PRESETS = (
    Preset(
        "person",
        "A person",
        "person",
        f"100 steps for each photo at 1e-6 is what dreamlook advises for people on SD 1.5. {_PEOPLE_ADVICE}",
        _SD15,
        {"steps": 1200, "learning_rate": 1e-6, "learning_rate_te": 1e-6, "crop_method": "face"},
        class_word="person",
        photos=(7, 16),
        steps_per_photo=100,
    ),
    Preset(
        "person-sdxl",
        "A person, finer detail",
        "person",
        "dreamlook advises 1500 steps for SDXL whatever the number of photos, at 1e-5 and without offset noise. "
        f"{_PEOPLE_ADVICE}",
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
    ),
    Preset(
        "pet",
        "A pet",
        "pet",
        "Animals are learnt like people: 100 steps for each photo at 1e-6. Show the whole animal and its face.",
        _SD15,
        {"steps": 1200, "learning_rate": 1e-6, "learning_rate_te": 1e-6, "crop_method": "center"},
        class_word="dog",
        photos=(7, 16),
        steps_per_photo=100,
    ),
    Preset(
        "object",
        "An object",
        "object",
        "Objects are simple and overfit early: 80 steps for each photo, 400 to 800 in all, at 2e-6.",
        _SD15,
        {"steps": 800, "learning_rate": 2e-6, "learning_rate_te": 2e-6, "crop_method": "center"},
        class_word="toy",
        photos=(5, 10),
        steps_per_photo=80,
    ),
    Preset(
        "style",
        "A style",
        "style",
        "dreamlook advises SDXL and many pictures for a style: 100 steps for each at 5e-6; captions help.",
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
        steps_per_photo=100,
    ),
)
