"""The base models seen at dreamlook. The list drifts there, so people may type another."""

from jobs.providers.order import BaseModel
from jobs.providers.params import Choice

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
