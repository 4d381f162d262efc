"""What a RunPod training starts from: the worker's own model, one of Hugging Face, or a checkpoint file by its link."""

import re

from jobs.providers.order import BaseModel
from jobs.providers.params import Choice

SD15 = "sd-v1"
MODEL_TYPES = (Choice(SD15, "SD 1.5", "512 pixels"),)

OWN = BaseModel("stable-diffusion-v1-5", "Stable Diffusion 1.5", SD15, 512, "The worker has it at hand: quickest.")
BASE_MODELS = (OWN,)
TYPED_HELP = (
    "Its name at Hugging Face, such as owner/model (in the diffusers layout with a .bin file for the unet), or the "
    "https link of a .ckpt file."
)

# The worker puts both into a shell line, so nothing may be in them that a shell reads as more than a letter.
_AT_HUGGING_FACE = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?/[\w./%=?:+-]{1,400}", re.ASCII)


def typed(id_: str) -> BaseModel:
    """A base model that is not listed."""
    return BaseModel(id_, id_, SD15, 512, "Fetched by the worker before it begins.")


def start(base_model: str) -> dict[str, str]:
    """What the worker is told to start from; nothing for its own model."""
    if base_model in {"", OWN.id}:
        return {}
    return {"ckpt_link": base_model} if base_model.startswith("https://") else {"hf_model": base_model}


def wrong_model(base_model: str) -> str:
    """Why *base_model* cannot be, in a sentence; empty when it can."""
    told = start(base_model)
    if not all(map(_LINK.fullmatch, filter(None, [told.get("ckpt_link")]))):
        return "This link has characters that the worker cannot take. Often it works without what follows the ?."
    if not all(map(_AT_HUGGING_FACE.fullmatch, filter(None, [told.get("hf_model")]))):
        return "A name at Hugging Face has the form owner/model; a link begins with https://."
    return ""
