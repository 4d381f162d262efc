"""What the practice service checks before it takes an order, and how it refuses."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from jobs.providers.context import Context
from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit
from jobs.providers.order import Kind, Order
from jobs.providers.params import Param, Values
from jobs.providers.practice import fields
from jobs.providers.practice.document import Document, is_job_id, job_key, new_job_id
from jobs.providers.practice.store import PracticeStore

_QUEUE_SHARE = 0.15
_SHORT_QUEUE_SHARE = 0.05


def admit(order: Order, context: Context, store: PracticeStore, account: str) -> Document:
    """The job that *order* makes. Raises `InvalidOrder` with a sentence for each wrong field."""
    job_id = new_job_id(order.kind)
    training = _complete(fields.TRAINING, order.training, order.model_type) if order.kind.trains else {}
    asked = order.generations if order.kind.generates else ()
    generations = [_complete(fields.GENERATION, values, order.model_type) for values in asked]
    _refuse_wrong(order, training, generations)
    queue = _QUEUE_SHARE if order.kind.trains and not order.dry_run else _SHORT_QUEUE_SHARE
    photos_of, readiness = _known(order, store, account, job_id)
    return Document(
        id=job_id,
        kind=order.kind,
        at=time.time(),
        queue_seconds=context.practice_training_seconds * queue,
        training_seconds=context.practice_training_seconds * (1 - queue) if order.kind.trains else 0,
        image_seconds=context.practice_image_seconds,
        outcome=_outcome([training, *generations]),
        base_model=order.base_model,
        model_type=order.model_type,
        checkpoint_id=order.checkpoint_id,
        photos_of=photos_of,
        photo_count=len(order.photos),
        readiness=readiness,
        training=training,
        generations=generations,
        dry_run=order.dry_run,
        callback_url=order.callback_url,
        name=order.name,
    )


def refuse_as_asked(document: Document) -> None:
    """Refuse the way the order's `practice_outcome` asks for, if it does."""
    if document.outcome == "key_refused":
        raise KeyRefused("Practice did not accept the key, as you asked. Nothing was charged.")
    if document.outcome == "no_tokens":
        raise NoCredit("The practice account has no tokens left, as you asked. Nothing was charged.")
    if document.outcome == "invalid_field":
        field = "steps" if document.kind.trains else "num_samples"
        raise InvalidOrder(
            "Practice refused a value, as you asked. Nothing was charged.",
            fields={field: "Practice refuses this value, as you asked."},
        )


def _complete(params: tuple[Param, ...], values: Values, model_type: str) -> dict[str, Any]:
    """*values* with the defaults of what was left out, and a drawn seed in place of -1."""
    fitting = [one for one in params if not one.model_types or model_type in one.model_types]
    asked = {name: value for name, value in values.items() if value is not None}
    complete = {one.name: one.default for one in fitting} | asked
    if complete["seed"] == -1:
        complete["seed"] = secrets.randbelow(2**32)
    return complete


def _outcome(values: list[dict[str, Any]]) -> str:
    """The first outcome that is not the usual one."""
    asked = (str(one.get("practice_outcome", "works")) for one in values)
    return next((outcome for outcome in asked if outcome != "works"), "works")


def _refuse_wrong(order: Order, training: Mapping[str, Any], generations: list[dict[str, Any]]) -> None:
    wrong = _wrong_order(order)
    if order.kind.trains:
        wrong |= _wrong_values(fields.TRAINING, training)
    for generation in generations:
        wrong |= _wrong_values(fields.GENERATION, generation)
    if wrong:
        raise InvalidOrder("Practice cannot take this order. Nothing was charged.", fields=wrong)


def _wrong_order(order: Order) -> dict[str, str]:
    if order.kind.trains and not order.photos:
        return {"photos": "A training needs at least one photo."}
    if order.kind.generates and not order.generations:
        return {"prompt": "At least one prompt is needed."}
    if not order.checkpoint_id and order.base_model not in {model.id for model in fields.BASE_MODELS}:
        return {"base_model": "Practice does not know this base model."}
    return {}


def _wrong_values(params: tuple[Param, ...], values: Mapping[str, Any]) -> dict[str, str]:
    found = ((one.name, _complaint(one, values.get(one.name))) for one in params)
    return {name: sentence for name, sentence in found if sentence}


def _complaint(param: Param, value: object) -> str:
    if param.required and value in (None, ""):
        return "This is needed."
    numbers = value if isinstance(value, list) else [value]
    for number in numbers:
        if isinstance(number, int | float) and param.minimum is not None and number < param.minimum:
            return f"At least {param.minimum:g}."
        if isinstance(number, int | float) and param.maximum is not None and number > param.maximum:
            return f"At most {param.maximum:g}."
    return ""


def _known(order: Order, store: PracticeStore, account: str, job_id: str) -> tuple[str, float]:
    """The training whose photos the model knows ("": none), and how well it knows them."""
    if order.kind is not Kind.GENERATION:
        return job_id, 1.0
    if not order.checkpoint_id:
        return "", 1.0
    trained = _training_of(order.checkpoint_id, store, account)
    return trained.id, trained.readiness_at(int(order.checkpoint_id.rpartition("-")[2]))


def _training_of(checkpoint_id: str, store: PracticeStore, account: str) -> Document:
    job_id, _, kind_and_step = checkpoint_id.partition("-")
    body = store.get(account, job_key(job_id)) if is_job_id(job_id) else None
    document = Document.of(body) if body else None
    if document is None or kind_and_step not in document.checkpoint_names:
        raise InvalidOrder(
            "Practice does not have this checkpoint. Nothing was charged.",
            fields={"checkpoint_id": "Practice does not have this checkpoint."},
        )
    return document
