"""What RunPod's DreamBooth worker certainly does not take, so that nothing is sent and no attempt is spent on it."""

from collections.abc import Iterator, Mapping

from jobs.providers.credentials import Credentials
from jobs.providers.order import Order
from jobs.providers.params import Param, Type, Values, missing
from jobs.providers.runpod import key_options
from jobs.providers.runpod.archive import concept, is_kept
from jobs.providers.runpod.base_models import wrong_model
from jobs.providers.runpod.generation_fields import GENERATION
from jobs.providers.runpod.training_fields import TRAINING

NOTHING_LEFT = (
    "This key has no bucket for the trained model, so a training without pictures would leave nothing. Add a prompt, "
    "or ask an admin to add your bucket to the key."
)
NO_BUCKET = "The trained model will not be kept: only the pictures. Add your bucket to the key to keep it."
NO_CAPTIONS = "RunPod's worker does not read captions: every photo is learnt by the same name."
_PLAIN = "RunPod's worker leaves digits, hyphens and underlines out of a name, so letters only, please."


def keeps_model(order: Order) -> bool:
    """Whether the trained model of *order* is put anywhere."""
    return order.kind.trains and key_options.has_bucket(order.key_options)


def notices(order: Order) -> Iterator[str]:
    """What *order* does not do that one may expect."""
    if order.kind.trains and not keeps_model(order):
        yield NO_BUCKET
    if any(photo.caption.strip() for photo in order.photos):
        yield NO_CAPTIONS


def wrong_fields(order: Order) -> dict[str, str]:
    """A sentence for each field of *order* that cannot be, its photos aside."""
    if not order.kind.trains:
        return {"prompt": "RunPod's DreamBooth endpoint only draws with what it trains in the same order."}
    wrong = missing(TRAINING, order.training) | _unfit(TRAINING, order.training) | _wrong_start(order)
    return wrong | _wrong_name(order) | _wrong_generations(order)


def _wrong_start(order: Order) -> dict[str, str]:
    if order.checkpoint_id:
        return {"checkpoint_id": "RunPod's worker cannot go on from a model that it trained. Choose a base model."}
    said = wrong_model(order.base_model)
    return {"base_model": said} if said else {}


def _wrong_name(order: Order) -> dict[str, str]:
    """The name goes into the names of the photos' files."""
    if not concept(order):
        return {"concept_name": "Give your subject a name, or say what the photos show."}
    if name := order.training.get("concept_name"):
        return {} if is_kept(str(name)) else {"concept_name": _PLAIN}
    told = {"token": order.token, "class_word": order.class_word}
    return {field: _PLAIN for field, said in told.items() if not is_kept(said)}


def _wrong_generations(order: Order) -> dict[str, str]:
    if not order.kind.generates:
        return {} if key_options.has_bucket(order.key_options) else {"prompt": NOTHING_LEFT}
    if not order.generations:
        return {"prompt": "At least one prompt is needed."}
    each = (missing(GENERATION, values) | _unfit(GENERATION, values) for values in order.generations)
    return {name: said for wrong in each for name, said in wrong.items()}


def _unfit(params: tuple[Param, ...], values: Values) -> dict[str, str]:
    """Values of the wrong type, and choices that are none: some workers find out only after they trained."""
    return dict(_unfitting({param.name: param for param in params}, values))


def _unfitting(params: Mapping[str, Param], values: Values) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        param = params.get(name)
        if param is None or value in (None, ""):
            continue
        if param.type in {Type.INTEGER, Type.SEED} and (isinstance(value, bool) or not isinstance(value, int)):
            yield name, "A whole number, please."
        elif param.type is Type.CHOICE and not param.free and value not in {one.value for one in param.choices}:
            yield name, "Choose one of the answers in the list."


def wrong_photos(order: Order) -> dict[str, str]:
    """What keeps the worker from fetching the photos."""
    if not order.photos:
        return {"photos": "A training needs at least one photo."}
    if not order.archive_url.startswith(("https://", "http://")):
        return {"photos": "RunPod fetches the photos by their address, and these have none it can reach."}
    return {}


def wrong_key(credentials: Credentials) -> str:
    """Why nothing can be sent with this key, in a sentence; empty when it can."""
    if not key_options.endpoint(credentials.options):
        return "The endpoint id of this key cannot be one. Look it up at RunPod and change the key."
    if key_options.has_bucket(credentials.options) and "bucket_secret" not in credentials.secrets:
        return "The secret of this key's bucket is missing, so the trained model would be lost. Change the key."
    return ""
