"""From an order to what RunPod wants to be sent; and what its DreamBooth worker certainly does not take, so that
nothing is sent and no attempt is spent on it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from jobs.providers.credentials import Secret
from jobs.providers.kit.command import curl
from jobs.providers.order import Estimate, Order, Study
from jobs.providers.params import Param, Type, Values, chosen, missing
from jobs.providers.runpod import key_options
from jobs.providers.runpod.fields import GENERATION, LOOKS, OWN, TRAINING

# The worker puts both into a shell line, so nothing may be in them that a shell reads as more than a letter.
_AT_HUGGING_FACE = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?/[\w./%=?:+-]{1,400}", re.ASCII)
_KEPT = re.compile(r"[^\w ]+|[\d_]+")
"""What the trainer leaves out of a name, and what does not belong into a file's name."""
_LONGEST_NAME = 150
"""Bytes of a name before its number."""
_TEXT_SHARE = 0.3
_LEAST_TEXT, _MOST_TEXT = 200, 450
"""What the trainer's own notebook advises for a small set of photos; more makes every prompt look like the photos."""
LONGEST = 10_000_000
"""Bytes that RunPod takes."""
_HOUR, _DAY = 3600, 86400
_LONGEST_TTL = 7 * _DAY
_MARGIN = 4
"""A run may take so many times what we expect at most before RunPod ends it."""
_ANYWHERE = "https://your-server.example"
NOTHING_LEFT = (
    "This key has no bucket for the trained model, so a training without pictures would leave nothing. Add a prompt, "
    "or ask an admin to add your bucket to the key."
)
NO_BUCKET = "The trained model will not be kept: only the pictures. Add your bucket to the key to keep it."
NO_CAPTIONS = "RunPod's worker does not read captions: every photo is learnt by the same name."
_PLAIN = "RunPod's worker leaves digits, hyphens and underlines out of a name, so letters only, please."


def body(order: Order, options: Mapping[str, str], secrets: Mapping[str, Secret], limits: Estimate) -> dict[str, Any]:
    """The JSON that asks for *order*, which takes as long as *limits* say. What was left empty is left out, and the
    worker's own default counts: to it an unknown name is an error, and so is a null."""
    parts: dict[str, Any] = {"train": _training(order, secrets)}
    if order.kind.generates:
        parts["inference"] = []
        for turn, values in enumerate(order.generations):
            prompt = _set(GENERATION, values)
            if "styles" in prompt:
                prompt["styles"] = [style.strip() for style in str(prompt["styles"]).split(",") if style.strip()]
            parts["inference"].append({**prompt, "passback": f"{order.reference}:{turn}"})
    told = {"webhook": order.callback_url, "s3Config": key_options.s3_config(options, secrets)}
    return {"input": parts, **{name: value for name, value in told.items() if value}, "policy": policy(limits)}


def policy(limits: Estimate) -> dict[str, int]:
    """How long the run may take, in milliseconds, and how long RunPod keeps it in all. Without it a run ends after ten
    minutes, in the middle of the training."""
    execution = min(max(_MARGIN * limits.seconds[1], _HOUR), _DAY)
    return {"executionTimeout": 1000 * execution, "ttl": 1000 * min(execution + _DAY, _LONGEST_TTL)}


def _training(order: Order, secrets: Mapping[str, Secret]) -> dict[str, Any]:
    values = _set(TRAINING, order.training)
    values.pop("total_steps", None)
    from_ = start(order.base_model)
    token = key_options.hf_token(secrets) if "hf_model" in from_ else ""
    private = {"hf_token": token} if token else {}
    found = study(order, len(order.photos))
    text_steps = {"text_steps": found.text_steps} if found else {}
    length = {"unet_epochs": epochs(order, len(order.photos)), **text_steps}
    named = {"concept_name": order.token} if order.token else {}
    return {"data_url": order.archive_url, **named, **values, **from_, **private, **length}


def start(base_model: str) -> dict[str, str]:
    """What the worker is told to start from; nothing for its own model."""
    if base_model in {"", OWN.id}:
        return {}
    return {"ckpt_link": base_model} if base_model.startswith("https://") else {"hf_model": base_model}


def wrong_model(base_model: str) -> str:
    """Why *base_model* cannot be, in a sentence; empty when it can."""
    told = start(base_model)
    if "ckpt_link" in told and not _LINK.fullmatch(base_model):
        return "This link has characters that the worker cannot take. Often it works without what follows the ?."
    if "hf_model" in told and not _AT_HUGGING_FACE.fullmatch(base_model):
        return "A name at Hugging Face has the form owner/model; a link begins with https://."
    return ""


def study(order: Order, photo_count: int) -> Study | None:
    """The steps of *order* with so many photos; None where that cannot be told yet. People choose looks per photo or
    steps in all, and the worker's own numbers follow."""
    if not order.kind.trains or not photo_count:
        return None
    round_steps = ceil(photo_count / _number(order.training, "unet_batch_size", 1))
    steps = epochs(order, photo_count) * round_steps
    advised = min(max(round(_TEXT_SHARE * steps, -1), _LEAST_TEXT), _MOST_TEXT)
    return Study(steps, round_steps, _number(order.training, "text_steps", int(advised)))


def epochs(order: Order, photo_count: int) -> int:
    """How often the UNet sees each photo: the worker's `unet_epochs`. Its steps are that times the photos."""
    looks, total = (_number(order.training, name, 0) for name in ("unet_epochs", "total_steps"))
    if not total:
        return looks or LOOKS
    return max(1, round(total / max(1, ceil(photo_count / _number(order.training, "unet_batch_size", 1)))))


def _number(values: Values, name: str, otherwise: int) -> int:
    value = values.get(name)
    return value if isinstance(value, int) and value > 0 else otherwise


def _set(params: Iterable[Param], values: Values) -> dict[str, Any]:
    """What somebody set: no box that was not ticked, and no seed that is a random one anyway."""
    params = tuple(params)
    types = {param.name: param.type for param in params}
    told: dict[str, Any] = {}
    for name, value in chosen(params, values).items():
        is_unset = (types[name] is Type.YES_NO and value is False) or (types[name] is Type.SEED and value == -1)
        if not is_unset:
            # Older workers take no 7 where they want 7.0.
            told[name] = float(value) if types[name] is Type.NUMBER and isinstance(value, int) else value
    return told


def archive_names(order: Order) -> tuple[str, ...]:
    """ "ukj (0).jpg" and on: flat and unique. The worker learns a photo's words from the name of its file, and calls
    the files by `concept_name` itself where it is told one: both are the token, by which prompts call the subject."""
    words = " ".join(_KEPT.sub(" ", order.token).split()) or "photo"
    stem = words.encode()[:_LONGEST_NAME].decode(errors="ignore").strip()
    return tuple(f"{stem} ({number}).jpg" for number in range(len(order.photos)))


def is_kept(name: str) -> bool:
    """Whether the trainer reads *name* as it is: it takes digits, hyphens and underlines out."""
    return _KEPT.search(name) is None


def as_command(order: Order, base_url: str, limits: Estimate) -> str:
    """*order* for a terminal. Key, photos, callback and the bucket's secret are the reader's own."""
    shown = replace(order, archive_url=f"{_ANYWHERE}/photos.zip", callback_url="", reference="your-id")
    request = body(shown, order.key_options, {"bucket_secret": Secret("the secret of your bucket")}, limits)
    return curl(f"{base_url}/v2/{key_options.endpoint(order.key_options)}/run", request, "RUNPOD_API_KEY")


def wrong_fields(order: Order) -> dict[str, str]:
    """A sentence for each field of *order* that cannot be, its photos aside."""
    if not order.kind.trains:
        return {"prompt": "RunPod's DreamBooth endpoint only draws with what it trains in the same order."}
    wrong = missing(TRAINING, order.training) | _unfit(TRAINING, order.training) | _wrong_name(order)
    if order.checkpoint_id:
        wrong["checkpoint_id"] = "RunPod's worker cannot go on from a model that it trained. Choose a base model."
    elif said := wrong_model(order.base_model):
        wrong["base_model"] = said
    if not order.kind.generates and not key_options.has_bucket(order.key_options):
        wrong["prompt"] = NOTHING_LEFT
    elif order.kind.generates and not order.generations:
        wrong["prompt"] = "At least one prompt is needed."
    elif order.kind.generates:
        for values in order.generations:
            wrong |= missing(GENERATION, values) | _unfit(GENERATION, values)
    return wrong


def _wrong_name(order: Order) -> dict[str, str]:
    """The name goes into the names of the photos' files."""
    if not order.token.strip():
        return {"token": "Give your subject a name."}
    return {} if is_kept(order.token) else {"token": _PLAIN}


def _unfit(params: tuple[Param, ...], values: Values) -> dict[str, str]:
    """Values of the wrong type, and choices that are none: some workers find out only after they trained."""
    wrong = {}
    for param in params:
        value = values.get(param.name)
        if value in (None, ""):
            continue
        if param.type in {Type.INTEGER, Type.SEED} and (isinstance(value, bool) or not isinstance(value, int)):
            wrong[param.name] = "A whole number, please."
        elif param.type is Type.CHOICE and not param.free and value not in {one.value for one in param.choices}:
            wrong[param.name] = "Choose one of the answers in the list."
    return wrong


def wrong_photos(order: Order) -> dict[str, str]:
    """What keeps the worker from fetching the photos."""
    if not order.photos:
        return {"photos": "A training needs at least one photo."}
    if not order.archive_url.startswith(("https://", "http://")):
        return {"photos": "RunPod fetches the photos by their address, and these have none it can reach."}
    return {}
