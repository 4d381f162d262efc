"""The dreamlook provider. What it speaks is described in the contract; what is documented there and what only seen
elsewhere is said where it matters."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from jobs.providers.base import Capability, Provider
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.dreamlook import captions, replies, requests, rules
from jobs.providers.dreamlook.base_models import BASE_MODELS, MODEL_TYPES, SDXL, typed
from jobs.providers.dreamlook.expiry import RETENTION
from jobs.providers.dreamlook.generation_fields import GENERATION
from jobs.providers.dreamlook.presets import PRESETS
from jobs.providers.dreamlook.training_fields import TRAINING
from jobs.providers.errors import InvalidOrder, NotThere, Refused
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.network import longest_order
from jobs.providers.kit.refusals import in_our_words
from jobs.providers.kit.replies import is_job_id
from jobs.providers.order import BaseModel, Estimate, Kind, Order, OrderPhoto
from jobs.providers.params import Param
from jobs.providers.reply import Artifact, ArtifactKind, Download, KeyReport, Receipt, Snapshot

BASE_URL = "https://api.dreamlook.ai"

_LARGEST = {ArtifactKind.IMAGE: 64 * 1024**2, ArtifactKind.CHECKPOINT: 16 * 1024**3}
"""Bytes that a result of unknown size may have."""
_IN_OUR_FORM = {"image_urls": "photos", "captions_file_url": "captions_file_url"}
_NAMES = frozenset(param.name for param in (*TRAINING, *GENERATION))


class Dreamlook(Provider):
    slug = "dreamlook"
    label = "dreamlook.ai"
    capabilities = frozenset(
        {
            Capability.TRAIN,
            Capability.TRAIN_FURTHER,
            Capability.GENERATE,
            Capability.TRAIN_AND_GENERATE,
            Capability.DRY_RUN,
            Capability.LIST,
            Capability.CALLBACK,
            Capability.NEEDS_KEY,
            Capability.NEEDS_PUBLIC_PHOTOS,
        }
    )
    base_models = BASE_MODELS
    model_types = MODEL_TYPES
    presets = PRESETS
    key_help = "Sign in at dreamlook.ai and copy the key from your account page; it begins with dl-."
    leaves_building = (
        "Your photos, captions and prompts go to dreamlook.ai, which fetches the photos from here while the job runs."
    )
    prompts_leave = "Your prompts go to dreamlook.ai; the pictures are fetched from there."
    credit = "tokens"
    price_list = "https://dreamlook.ai"
    keeps_for = RETENTION
    poll_seconds = (3.0, 30.0)
    prompts_in_generation = 1

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.longest_call = longest_order(context.patience)
        self._http = GuardedClient.of(self.slug, self.label, BASE_URL, context, replies.RESULT_HOSTS)
        # The documentation writes both `image_gen` and `image-gen`; the one that was answered last is asked first.
        self._spelling = {kind: path.strip("/") for kind, path in requests.PATHS.items()}

    def close(self) -> None:
        self._http.close()

    def base_model(self, id_: str) -> BaseModel | None:
        return super().base_model(id_) or (typed(id_.strip()) if id_.strip() else None)

    def training_params(self) -> tuple[Param, ...]:
        return TRAINING

    def generation_params(self) -> tuple[Param, ...]:
        return GENERATION

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """From the provider's samples (100 steps in 89 s, 16 pictures in 52 s, up to two minutes of queue); prices are
        not documented."""
        if order.dry_run:
            return Estimate((2, 30))
        factor = 2 if order.model_type == SDXL else 1
        steps = int(str(order.training.get("steps") or 0)) if order.kind.trains else 0
        drawing = self.expected_images(order) if order.kind.generates else 0
        least = (60 if steps else 10) + factor * (0.15 * steps + 2 * drawing)
        return Estimate((int(least), int(2.5 * least) + 240))

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        return rules.wrong_fields(order)

    def captions_file(self, photos: Sequence[OrderPhoto]) -> bytes:
        return captions.captions_file(photos)

    def called_id(self, body: Mapping[str, Any]) -> str:
        called = body.get("job_id")
        return called if isinstance(called, str) and is_job_id(called) else ""

    def as_command(self, order: Order) -> str:
        return requests.as_command(order, BASE_URL)

    def test_key(self, credentials: Credentials) -> KeyReport:
        """A look at the list of trainings: it costs nothing and needs the key."""
        self.list_latest(Kind.TRAINING, credentials)
        return KeyReport(ok=True, sentence="dreamlook.ai accepts this key.")

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        wrong = {**rules.wrong_fields(order), **rules.wrong_photos(order)}
        if wrong:
            raise InvalidOrder("The order was not sent.", fields=wrong)
        try:
            reply = self._http.order(requests.PATHS[order.kind], requests.body(order), credentials.secret)
        except InvalidOrder as error:
            raise in_our_words(error, "dreamlook", _NAMES, _IN_OUR_FORM) from None
        return replies.receipt(reply, dry_run=order.dry_run)

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        if replies.is_rehearsal(provider_job_id) or not is_job_id(provider_job_id):
            raise NotThere("dreamlook keeps no job under this id.")
        reply = self._ask_jobs(kind, f"/{quote(provider_job_id, safe='')}", credentials)
        return replies.one(reply, provider_job_id)

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        return replies.listed(self._ask_jobs(kind, "", credentials), kind)

    def _ask_jobs(self, kind: Kind, tail: str, credentials: Credentials) -> object:
        """The answer to a question about jobs of *kind*; a 404 is believed only in both spellings."""
        spelling = self._spelling[kind]
        other = spelling.replace("_", "-") if "_" in spelling else spelling.replace("-", "_")
        try:
            return self._http.ask(f"/jobs/{spelling}{tail}", credentials.secret)
        except NotThere:
            if other == spelling:
                raise
        answer = self._http.ask(f"/jobs/{other}{tail}", credentials.secret)
        self._spelling[kind] = other
        return answer

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        raise Refused("dreamlook.ai has no way to stop a job.")

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Results lie at signed addresses; the key is never sent there."""
        limit = int(artifact.size * 1.01) + 1024 if artifact.size else _LARGEST[artifact.kind]
        return self._http.download(artifact.url, limit_bytes=limit, offset=offset, validator=validator)
