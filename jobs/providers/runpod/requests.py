"""From an order to what RunPod wants to be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from jobs.providers.credentials import Secret
from jobs.providers.kit.command import curl
from jobs.providers.order import Estimate, Order
from jobs.providers.params import Param, Type, Values, chosen
from jobs.providers.runpod import key_options
from jobs.providers.runpod.base_models import start
from jobs.providers.runpod.generation_fields import GENERATION
from jobs.providers.runpod.study import epochs, study
from jobs.providers.runpod.training_fields import TRAINING

LONGEST = 10_000_000
"""Bytes that RunPod takes."""
_HOUR, _DAY = 3600, 86400
_LONGEST_TTL = 7 * _DAY
_MARGIN = 4
"""A run may take so many times what we expect at most before RunPod ends it."""
_ANYWHERE = "https://your-server.example"


def body(order: Order, options: Mapping[str, str], secrets: Mapping[str, Secret], limits: Estimate) -> dict[str, Any]:
    """The JSON that asks for *order*, which takes as long as *limits* say. What was left empty is left out, and the
    worker's own default counts: to it an unknown name is an error, and so is a null."""
    parts: dict[str, Any] = {"train": _training(order, secrets)}
    if order.kind.generates:
        parts["inference"] = [_generation(order, values, turn) for turn, values in enumerate(order.generations)]
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
    return {"data_url": order.archive_url, **values, **from_, **private, **_length(order)}


def _length(order: Order) -> dict[str, int]:
    """The worker's own numbers for how long it studies."""
    found = study(order, len(order.photos))
    return {"unet_epochs": epochs(order, len(order.photos)), **({"text_steps": found.text_steps} if found else {})}


def _generation(order: Order, values: Values, turn: int) -> dict[str, Any]:
    told = _set(GENERATION, values)
    if "styles" in told:
        told["styles"] = [style.strip() for style in str(told["styles"]).split(",") if style.strip()]
    return {**told, "passback": f"{order.reference}:{turn}"}


def _set(params: Iterable[Param], values: Values) -> dict[str, Any]:
    """What somebody set: no box that was not ticked, and no seed that is a random one anyway."""
    params = tuple(params)
    types = {param.name: param.type for param in params}
    told = chosen(params, values)
    return {name: _exact(types[name], value) for name, value in told.items() if not _is_unset(types[name], value)}


def _is_unset(type_: Type, value: object) -> bool:
    return (type_ is Type.YES_NO and value is False) or (type_ is Type.SEED and value == -1)


def _exact(type_: Type, value: object) -> object:
    """Older workers take no 7 where they want 7.0."""
    return float(value) if type_ is Type.NUMBER and isinstance(value, int) else value


def as_command(order: Order, base_url: str, limits: Estimate) -> str:
    """*order* for a terminal. Key, photos, callback and the bucket's secret are the reader's own."""
    shown = replace(order, archive_url=f"{_ANYWHERE}/photos.zip", callback_url="", reference="your-id")
    request = body(shown, order.key_options, {"bucket_secret": Secret("the secret of your bucket")}, limits)
    return curl(f"{base_url}/v2/{key_options.endpoint(order.key_options)}/run", request, "RUNPOD_API_KEY")
