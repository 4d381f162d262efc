"""Presets of the practice provider. The numbers are those of the providers' guides."""

from jobs.providers.params import Preset

_PEOPLE_ADVICE = "12 is typical; different clothes, days, light and backgrounds, no sunglasses."

PRESETS = (
    Preset(
        "person",
        "A person",
        "person",
        f"100 steps for each photo at 1e-6 is what the guides advise for people on SD 1.5. {_PEOPLE_ADVICE}",
        "practice-sd15",
        {"steps": 1200, "learning_rate": 1e-6, "learning_rate_te": 1e-6, "crop_method": "face"},
        class_word="person",
        photos=(7, 16),
        steps_per_photo=100,
    ),
    Preset(
        "person-sdxl",
        "A person, finer detail",
        "person",
        f"SDXL takes 1500 steps whatever the number of photos, at 1e-5 and without offset noise. {_PEOPLE_ADVICE}",
        "practice-sdxl",
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
        "practice-sd15",
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
        "practice-sd15",
        {"steps": 800, "learning_rate": 2e-6, "learning_rate_te": 2e-6, "crop_method": "center"},
        class_word="toy",
        photos=(5, 10),
        steps_per_photo=80,
    ),
    Preset(
        "style",
        "A style",
        "style",
        "A style needs many pictures and SDXL: 100 steps for each at 5e-6; captions help.",
        "practice-sdxl",
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
