"""The dreamlook provider. Its API has no idempotency key, no way to stop a job, and signs no callback.

Source: the API's documentation at dreamlook.ai; what was only seen in third-party clients is said where it matters. A
403 usually means that the tokens are used up, and a 307 that the address is out of date, which is never followed: it
would send order and key again.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from jobs.providers.base import Capability
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.dreamlook import fields, replies, requests
from jobs.providers.errors import InvalidOrder, NotThere
from jobs.providers.kit.remote import RemoteProvider
from jobs.providers.kit.replies import is_job_id
from jobs.providers.order import BaseModel, Estimate, Kind, Order, OrderPhoto
from jobs.providers.reply import KeyReport, Receipt, Snapshot


class Dreamlook(RemoteProvider):
    slug = "dreamlook"
    label = "dreamlook.ai"
    short_label = "dreamlook"
    base_url = "https://api.dreamlook.ai"
    result_hosts = replies.RESULT_HOSTS
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
    base_models = fields.BASE_MODELS
    model_types = fields.MODEL_TYPES
    training_params = fields.TRAINING
    generation_params = fields.GENERATION
    presets = fields.PRESETS
    form_names = {"image_urls": "photos", "captions_file_url": "captions_file_url"}
    key_help = "Sign in at dreamlook.ai and copy the key from your account page; it begins with dl-."
    secret_shapes = (r"dl-[A-Za-z0-9_-]{8,}",)
    # The docs promise a callback at the end, not that it is tried again: polling is what counts.
    callback_job_id = "job_id"
    leaves_building = (
        "Your photos, captions and prompts go to dreamlook.ai, which fetches the photos from here while the job runs."
    )
    prompts_leave = "Your prompts go to dreamlook.ai; the pictures are fetched from there."
    credit = "tokens"
    price_list = "https://dreamlook.ai"
    # Documented: checkpoints for 48 hours. Addresses of pictures have been seen signed for one hour by other clients.
    keeps_for = replies.RETENTION
    poll_seconds = (3.0, 30.0)
    prompts_in_generation = 1

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        # The documentation writes both `image_gen` and `image-gen`; the one that was answered last is asked first.
        self._spelling = {kind: path.strip("/") for kind, path in requests.PATHS.items()}

    def page(self, kind: Kind) -> str:
        """Documented for these two kinds (https://docs.dreamlook.ai, "Using the API", seen in November 2026)."""
        shown = {Kind.TRAINING: "/jobs/dreambooth", Kind.GENERATION: "/jobs/image-gen"}
        return f"https://dreamlook.ai{shown.get(kind, '')}"

    def typed_model(self, id_: str) -> BaseModel:
        return fields.typed(id_)

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """From the provider's samples (100 steps in 89 s, 16 pictures in 52 s, up to two minutes of queue); prices are
        not documented."""
        if order.dry_run:
            return Estimate((2, 30))
        factor = 2 if order.model_type == fields.SDXL else 1
        steps = int(str(order.training.get("steps") or 0)) if order.kind.trains else 0
        drawing = self.expected_images(order) if order.kind.generates else 0
        least = (60 if steps else 10) + factor * (0.15 * steps + 2 * drawing)
        return Estimate((int(least), int(2.5 * least) + 240))

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        return requests.wrong_fields(order)

    def captions_file(self, photos: Sequence[OrderPhoto]) -> bytes:
        return requests.captions_file(photos)

    def as_command(self, order: Order) -> str:
        return requests.as_command(order, self.base_url)

    def test_key(self, credentials: Credentials) -> KeyReport:
        """A look at the list of trainings: it costs nothing and needs the key."""
        self.list_latest(Kind.TRAINING, credentials)
        return KeyReport(ok=True, sentence="dreamlook.ai accepts this key.")

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        wrong = {**requests.wrong_fields(order), **requests.wrong_photos(order)}
        if wrong:
            raise InvalidOrder("The order was not sent.", fields=wrong)
        reply = self.send(requests.PATHS[order.kind], requests.body(order), credentials)
        return replies.receipt(reply, dry_run=order.dry_run)

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        if replies.is_rehearsal(provider_job_id) or not is_job_id(provider_job_id):
            raise NotThere("dreamlook keeps no job under this id.")
        reply = self._ask_jobs(kind, f"/{quote(provider_job_id, safe='')}", credentials)
        return replies.one(reply, provider_job_id)

    def can_be_asked_after(self, provider_job_id: str) -> bool:
        return not replies.is_rehearsal(provider_job_id)

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        return replies.listed(self._ask_jobs(kind, "", credentials), kind, self.list_length)

    def _ask_jobs(self, kind: Kind, tail: str, credentials: Credentials) -> object:
        """The answer to a question about jobs of *kind*; a 404 is believed only in both spellings."""
        spelling = self._spelling[kind]
        other = spelling.replace("_", "-") if "_" in spelling else spelling.replace("-", "_")
        try:
            return self.ask(f"/jobs/{spelling}{tail}", credentials)
        except NotThere:
            if other == spelling:
                raise
        answer = self.ask(f"/jobs/{other}{tail}", credentials)
        self._spelling[kind] = other
        return answer
