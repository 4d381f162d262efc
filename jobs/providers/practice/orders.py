"""What the practice service takes: an order is checked, or refused as it asks to be, and becomes a document in the
store, which is written once, and once more when the job is cancelled.
"""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.providers.context import Context
from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit
from jobs.providers.order import Kind, Order
from jobs.providers.params import Param, Values
from jobs.providers.practice import fields
from jobs.providers.practice.store import PracticeStore

ID_PREFIX = {Kind.TRAINING: "pt_", Kind.GENERATION: "pg_", Kind.TRAIN_AND_GENERATE: "pb_"}
_ID = re.compile(r"p[tgb]_[0-9a-f]{16}")
_QUEUE_SHARE = 0.15
_SHORT_QUEUE_SHARE = 0.05


@dataclass(frozen=True)
class Document:
    """What was ordered and when; *at* and *cancelled_at* are seconds since 1970.

    *queue_seconds* come first, then *training_seconds*, then *image_seconds* for each picture. *photos_of* names the
    training whose photos the pictures show ("": none), *readiness* is how well the model of a generation knows them,
    0 to 1.
    """

    id: str
    kind: Kind
    at: float
    queue_seconds: float
    training_seconds: float
    image_seconds: float
    outcome: str = "works"
    base_model: str = ""
    model_type: str = ""
    checkpoint_id: str = ""
    photos_of: str = ""
    photo_count: int = 0
    readiness: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)
    generations: list[dict[str, Any]] = field(default_factory=list)
    dry_run: bool = False
    callback_url: str = ""
    name: str = ""
    cancelled_at: float | None = None

    def body(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Document":
        return cls(**{**body, "kind": Kind(body["kind"])})

    @property
    def steps(self) -> int:
        return int(self.training.get("steps") or 0)

    @property
    def checkpoint_steps(self) -> list[int]:
        """The steps at which a checkpoint is kept, the last included."""
        asked = self.training.get("save_checkpoints_at") or []
        return sorted({step for step in asked if 0 < step < self.steps} | {self.steps})

    @property
    def checkpoint_names(self) -> list[str]:
        """What follows the job's id in the ids of its checkpoints: `step-800`, and `lora-800` for the LoRA."""
        kinds = ("step", "lora") if self.training.get("extract_lora") == "original" else ("step",)
        return [f"{kind}-{step}" for step in self.checkpoint_steps for kind in kinds] if self.kind.trains else []

    @property
    def sample_steps(self) -> list[int]:
        """The steps at which a picture is drawn to show how the training goes."""
        return sorted({self.steps * quarter // 4 for quarter in (1, 2, 3, 4)} - {0})

    def readiness_at(self, step: int) -> float:
        """How well the model knows its photos after *step* steps: about 60 looks at each photo suffice."""
        return min(1.0, step / (60 * max(1, self.photo_count)))


def new_job_id(kind: Kind) -> str:
    return ID_PREFIX[kind] + secrets.token_hex(8)


def is_job_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def job_key(job_id: str) -> str:
    """Where the store keeps the job."""
    return f"job/{job_id}"


def photos_key(job_id: str) -> str:
    """Where the store keeps the photos of the training *job_id*."""
    return f"photos/{job_id}"


def admit(order: Order, context: Context, store: PracticeStore, account: str) -> Document:
    """The job that *order* makes. Raises `InvalidOrder` with a sentence for each wrong field."""
    job_id = new_job_id(order.kind)
    training = _complete(fields.TRAINING, order.training, order.model_type) if order.kind.trains else {}
    asked = order.generations if order.kind.generates else ()
    generations = [_complete(fields.GENERATION, values, order.model_type) for values in asked]
    _refuse_wrong(order, training, generations)
    queue = _QUEUE_SHARE if order.kind.trains and not order.dry_run else _SHORT_QUEUE_SHARE
    # Of several outcomes, the first that is not the usual one.
    outcomes = (str(values.get("practice_outcome", "works")) for values in [training, *generations])
    photos_of, readiness = _known(order, store, account, job_id)
    return Document(
        id=job_id,
        kind=order.kind,
        at=time.time(),
        queue_seconds=context.practice_training_seconds * queue,
        training_seconds=context.practice_training_seconds * (1 - queue) if order.kind.trains else 0,
        image_seconds=context.practice_image_seconds,
        outcome=next((outcome for outcome in outcomes if outcome != "works"), "works"),
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


def _known(order: Order, store: PracticeStore, account: str, job_id: str) -> tuple[str, float]:
    """The training whose photos the model knows ("": none), and how well it knows them."""
    if order.kind is not Kind.GENERATION:
        return job_id, 1.0
    if not order.checkpoint_id:
        return "", 1.0
    trained_by, _, kind_and_step = order.checkpoint_id.partition("-")
    body = store.get(account, job_key(trained_by)) if is_job_id(trained_by) else None
    trained = Document.of(body) if body else None
    if trained is None or kind_and_step not in trained.checkpoint_names:
        raise InvalidOrder(
            "Practice does not have this checkpoint. Nothing was charged.",
            fields={"checkpoint_id": "Practice does not have this checkpoint."},
        )
    return trained.id, trained.readiness_at(int(kind_and_step.rpartition("-")[2]))


def _complete(params: tuple[Param, ...], values: Values, model_type: str) -> dict[str, Any]:
    """*values* with the defaults of what was left out, and a drawn seed in place of -1."""
    fitting = [one for one in params if not one.model_types or model_type in one.model_types]
    asked = {name: value for name, value in values.items() if value is not None}
    complete = {one.name: one.default for one in fitting} | asked
    if complete["seed"] == -1:
        complete["seed"] = secrets.randbelow(2**32)
    return complete


def _refuse_wrong(order: Order, training: Mapping[str, Any], generations: list[dict[str, Any]]) -> None:
    wrong = {}
    if order.kind.trains and not order.photos:
        wrong = {"photos": "A training needs at least one photo."}
    elif order.kind.generates and not order.generations:
        wrong = {"prompt": "At least one prompt is needed."}
    elif not order.checkpoint_id and order.base_model not in {model.id for model in fields.BASE_MODELS}:
        wrong = {"base_model": "Practice does not know this base model."}
    if order.kind.trains:
        wrong |= _wrong_values(fields.TRAINING, training)
    for generation in generations:
        wrong |= _wrong_values(fields.GENERATION, generation)
    if wrong:
        raise InvalidOrder("Practice cannot take this order. Nothing was charged.", fields=wrong)


def _wrong_values(params: tuple[Param, ...], values: Mapping[str, Any]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for param in params:
        value = values.get(param.name)
        if param.required and value in (None, ""):
            wrong[param.name] = "This is needed."
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int | float) and param.minimum is not None and number < param.minimum:
                wrong.setdefault(param.name, f"At least {param.minimum:g}.")
            if isinstance(number, int | float) and param.maximum is not None and number > param.maximum:
                wrong.setdefault(param.name, f"At most {param.maximum:g}.")
    return wrong


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
