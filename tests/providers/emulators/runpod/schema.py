"""What the public worker takes, and how it complains of the rest (runpod-workers/worker-dreambooth, `rp_schemas`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCHEDULERS = ("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup")


@dataclass(frozen=True)
class Rule:
    """One key: its type, whether it must be there, and the words it is limited to."""

    type: type
    required: bool = False
    words: tuple[str, ...] = ()


def _rules(**types: str) -> dict[str, Rule]:
    """Optional keys by type, their names with spaces between."""
    known = {"text": str, "whole": int, "number": float, "flag": bool, "texts": list}
    return {name: Rule(known[kind]) for kind, names in types.items() for name in names.split()}


def _needed(*names: str) -> dict[str, Rule]:
    return {name: Rule(str, required=True) for name in names}


_SIDES = {f"{side}_lr_scheduler": Rule(str, words=SCHEDULERS) for side in ("text", "unet")}
TRAIN = {
    **_needed("data_url"),
    **_rules(
        text="hf_model hf_token ckpt_link concept_name",
        flag="offset_noise pndm_scheduler text_8_bit_adam unet_8_bit_adam",
        whole="text_steps text_seed text_batch_size text_resolution unet_seed unet_batch_size unet_resolution"
        " unet_epochs",
        number="text_learning_rate unet_learning_rate",
    ),
    **_SIDES,
}
INFERENCE = {
    **_needed("prompt"),
    **_rules(
        text="hr_upscaler sampler_name sampler_index negative_prompt script_name passback",
        flag="enable_hr restore_faces tiling",
        whole="firstphase_width firstphase_height hr_scale hr_second_pass_steps hr_resize_x hr_resize_y seed subseed"
        " subseed_strength seed_resize_from_h seed_resize_from_w batch_size n_iter steps width height eta s_churn"
        " s_tmax s_tmin s_noise",
        number="denoising_strength cfg_scale",
        texts="styles",
    ),
}
BUCKET = _needed("accessId", "accessSecret", "bucketName", "endpointUrl")


def complaints(given: object, rules: Mapping[str, Rule], *, old_worker: bool) -> Iterator[str]:
    """In the words of the worker's own `rp_validator`. Ours is stricter in one thing: null is nowhere allowed."""
    if not isinstance(given, dict):
        yield f"The input should be {dict} type, not {type(given)}."
        return
    yield from (f"Unexpected input. {name} is not a valid input option." for name in given if name not in rules)
    for name, rule in rules.items():
        if name not in given:
            yield from [f"{name} is a required input."] if rule.required else []
        elif not _fits(given[name], rule.type, old_worker=old_worker):
            yield f"{name} should be {rule.type} type, not {type(given[name])}."
        elif rule.words and given[name] not in rule.words:
            yield f"{name} does not meet the constraints."


def _fits(value: Any, kind: type, *, old_worker: bool) -> bool:
    """An old worker takes no 7 where it wants 7.0; none of them should get a yes where a number belongs."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, kind) or (kind is float and isinstance(value, int) and not old_worker)
