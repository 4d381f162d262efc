"""What dreamlook certainly does not take, so that nothing is sent and no attempt is spent on it."""

from collections import Counter

from jobs.providers.dreamlook.base_models import MODEL_TYPES, SDXL
from jobs.providers.dreamlook.captions import basename
from jobs.providers.dreamlook.generation_fields import GENERATION
from jobs.providers.dreamlook.requests import fits, instance_prompt
from jobs.providers.dreamlook.tags import tags
from jobs.providers.dreamlook.training_fields import TRAINING
from jobs.providers.order import Kind, Order
from jobs.providers.params import Values, missing

_LABELS = {choice.value: choice.label for choice in MODEL_TYPES}


def wrong_fields(order: Order) -> dict[str, str]:
    """A sentence for each field of *order* that cannot be, its photos aside."""
    wrong = _wrong_start(order)
    if order.kind.trains:
        wrong |= missing(TRAINING, order.training) | _misplaced(order) | _wrong_training(order)
    if order.kind.generates:
        wrong |= _wrong_generations(order)
    return wrong


def wrong_photos(order: Order) -> dict[str, str]:
    """What keeps dreamlook from fetching the photos of *order*, or from telling them apart."""
    if not order.kind.trains:
        return {}
    if not order.photos:
        return {"photos": "A training needs at least one photo."}
    if not all(photo.url.startswith(("https://", "http://")) for photo in order.photos):
        return {"photos": "dreamlook fetches photos by their address, and these have none it can reach."}
    if max(Counter(map(basename, order.photos)).values()) > 1:
        return {"photos": "Two photos have the same name, so dreamlook could not tell their captions apart."}
    return {}


def _wrong_start(order: Order) -> dict[str, str]:
    if not order.base_model.strip() and not order.checkpoint_id:
        return {"base_model": "Choose a base model or a checkpoint to start from."}
    if order.model_type and order.model_type not in _LABELS:
        return {"base_model": f"dreamlook works with {' and '.join(_LABELS.values())} only."}
    return {}


def _misplaced(order: Order) -> dict[str, str]:
    """Fields that belong to the other family of base models."""
    return {
        param.name: f"This is only for {' and '.join(_LABELS[one] for one in sorted(param.model_types))}."
        for param in TRAINING
        if not fits(param, order)
        if order.training.get(param.name) not in (None, "", False)
    }


def _wrong_training(order: Order) -> dict[str, str]:
    values = order.training
    wrong: dict[str, str] = {}
    if order.model_type == SDXL and values.get("learning_rate_te2"):
        wrong["learning_rate_te2"] = "This must be 0: dreamlook does not train the second encoder."
    if not (values.get("instance_prompt") or instance_prompt(order)):
        wrong["instance_prompt"] = "Give your subject a name, or say what the photos show."
    if not str(values.get("captions_file_url") or "https://").startswith("https://"):
        wrong["captions_file_url"] = "An address that begins with https://, please."
    return {**wrong, **_wrong_steps(values), **_wrong_tags(values)}


def _wrong_steps(values: Values) -> dict[str, str]:
    steps, wanted = values.get("steps"), values.get("save_checkpoints_at")
    if isinstance(steps, int) and isinstance(wanted, list) and any(int(step) > steps for step in wanted):
        return {"save_checkpoints_at": f"There are only {steps} steps."}
    return {}


def _wrong_tags(values: Values) -> dict[str, str]:
    try:
        tags(str(values.get("tags") or ""))
    except ValueError:
        return {"tags": "Each tag has a name: client=acme, shoot=june."}
    return {}


def _wrong_generations(order: Order) -> dict[str, str]:
    if not order.generations:
        return {"prompt": "At least one prompt is needed."}
    if order.kind is Kind.GENERATION and len(order.generations) > 1:
        return {"prompt": "dreamlook takes one prompt an order."}
    return {name: said for values in order.generations for name, said in missing(GENERATION, values).items()}
