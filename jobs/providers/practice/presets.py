"""Presets of the practice provider. The numbers are those of the providers' guides."""

from jobs.providers.params import Preset

_PEOPLE_ADVICE = "About 12 photos: different clothes, days, light and backgrounds, no sunglasses."

PRESETS = (
    Preset(
        "person",
        "A person",
        "person",
        f"Learns a face, and still draws it in new places. {_PEOPLE_ADVICE}",
        "practice-sd15",
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
        numbers="1500 steps in all at 1e-5, SDXL, no offset noise",
    ),
    Preset(
        "pet",
        "A pet",
        "pet",
        "Animals are learnt like people. Show the whole animal and its face, in different places.",
        "practice-sd15",
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
        "practice-sd15",
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
        numbers="100 steps a picture at 5e-6, SDXL",
        steps_per_photo=100,
    ),
)
