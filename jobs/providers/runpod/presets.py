"""Presets for RunPod's DreamBooth worker, whose trainer learns well at 2e-6 and its text part at 1e-6."""

from jobs.providers.params import Preset
from jobs.providers.runpod.base_models import OWN

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
