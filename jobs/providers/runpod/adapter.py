"""The RunPod provider: its DreamBooth worker, on an endpoint of the team's own. It has no list of jobs, no idempotency
key, and signs no callback, which it tries three times within 20 s.

Sources: RunPod's documentation of serverless endpoints, and the source of its public worker
(runpod-workers/worker-dreambooth), which is named where it says more than the documentation.
"""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta
from urllib.parse import quote

from jobs.providers.base import Capability
from jobs.providers.credentials import Credentials
from jobs.providers.errors import HostRefused, InvalidOrder, NotThere
from jobs.providers.kit.refusals import REFUSALS
from jobs.providers.kit.remote import RemoteProvider
from jobs.providers.kit.replies import is_job_id
from jobs.providers.order import BaseModel, Estimate, Kind, Order, Study
from jobs.providers.reply import Artifact, ArtifactKind, Download, KeyReport, Receipt, Snapshot
from jobs.providers.runpod import fields, key_options, replies, requests


class RunPod(RemoteProvider):
    slug = "runpod"
    label = "RunPod"
    base_url = "https://api.runpod.ai"
    capabilities = frozenset(
        {
            Capability.TRAIN,
            Capability.TRAIN_AND_GENERATE,
            Capability.CANCEL,
            Capability.CALLBACK,
            Capability.NEEDS_KEY,
            Capability.NEEDS_PUBLIC_PHOTOS,
            Capability.NEEDS_PHOTO_ARCHIVE,
        }
    )
    base_models = fields.BASE_MODELS
    model_types = fields.MODEL_TYPES
    typed_model_help = fields.TYPED_HELP
    training_params = fields.TRAINING
    generation_params = fields.GENERATION
    length_params = ("total_steps", "unet_epochs")
    presets = fields.PRESETS
    form_names = {"data_url": "photos", "hf_model": "base_model", "ckpt_link": "base_model"}
    key_params = key_options.KEY_PARAMS
    key_help = "Sign in at runpod.io and make a key under Settings, API Keys; it begins with rpa_."
    secret_shapes = (r"rpa_[A-Za-z0-9_-]{8,}", r"hf_[A-Za-z0-9_-]{8,}")
    # Documented: `/run` takes no body of more than 10 MB. With which status it refuses one is not; 413 says just that.
    refusals = {**REFUSALS, 413: InvalidOrder}
    callback_job_id = "id"
    leaves_building = (
        "Your photos and prompts go to your endpoint at RunPod, which fetches the photos from here while the job runs."
    )
    price_list = "https://www.runpod.io/pricing"
    # Documented: the result of an asynchronous run is kept for 30 minutes. Afterwards a job is a 404 like one that
    # never was, and so it is mid-run when its `ttl` has passed (`requests.policy`).
    forgets_after = timedelta(minutes=30)
    poll_seconds = (3.0, 30.0)

    def page(self, kind: Kind) -> str:
        """The console's list of endpoints, each with its requests."""
        return "https://console.runpod.io/serverless"

    def typed_model(self, id_: str) -> BaseModel:
        return fields.typed(id_)

    def wrong_key_options(self, options: Mapping[str, str], secret_names: Collection[str]) -> Mapping[str, str]:
        return key_options.wrong_key_options(options, secret_names)

    def key_notice(self, options: Mapping[str, str]) -> str:
        return "" if key_options.has_bucket(options) else requests.NO_BUCKET

    def study(self, order: Order, photo_count: int) -> Study | None:
        return requests.study(order, photo_count)

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """Roughly, from what such training takes on a GPU with 24 GB; what it costs depends on the endpoint's GPU."""
        found = self.study(order, photo_count)
        steps = found.steps + found.text_steps if found else 0
        drawing = 30 + 3 * self.expected_images(order) if order.kind.generates else 0
        least = 120 + 0.2 * steps + drawing
        return Estimate((int(least), int(3 * least) + 300))

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        return requests.wrong_fields(order)

    def notices(self, order: Order) -> tuple[str, ...]:
        told = []
        if order.kind.trains and not self.keeps_model(order):
            told.append(requests.NO_BUCKET)
        if any(photo.caption.strip() for photo in order.photos):
            told.append(requests.NO_CAPTIONS)
        return tuple(told)

    def keeps_model(self, order: Order) -> bool:
        return order.kind.trains and key_options.has_bucket(order.key_options)

    def archive_names(self, order: Order) -> tuple[str, ...]:
        return requests.archive_names(order)

    def as_command(self, order: Order) -> str:
        return requests.as_command(order, self.base_url, self.estimate(order, len(order.photos)))

    def test_key(self, credentials: Credentials) -> KeyReport:
        """A look at the endpoint's health: it costs nothing, needs the key, and knows whether the endpoint is there."""
        if wrong := key_options.wrong_key(credentials):
            return KeyReport(ok=False, sentence=wrong)
        try:
            health = self.ask(self._path(credentials, "health"), credentials)
        except NotThere:
            return KeyReport(ok=False, sentence=self._no_endpoint(credentials), about="endpoint_id")
        return KeyReport(
            ok=True, sentence=f"RunPod accepts this key and has the endpoint. {replies.workers_ready(health)}"
        )

    def why_waiting(self, credentials: Credentials) -> str:
        return replies.why_waiting(self.ask(self._path(credentials, "health"), credentials))

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        if wrong := {**requests.wrong_fields(order), **requests.wrong_photos(order)}:
            raise InvalidOrder("The order was not sent.", fields=wrong)
        if said := key_options.wrong_key(credentials):
            raise InvalidOrder(f"{said} Nothing was sent.")
        limits = self.estimate(order, len(order.photos))
        body = requests.body(order, credentials.options, credentials.secrets, limits)
        if len(json.dumps(body)) > requests.LONGEST:
            raise InvalidOrder("This order is longer than RunPod takes, 10 MB. Use fewer prompts. Nothing was sent.")
        try:
            reply = self.send(self._path(credentials, "run"), body, credentials)
        except NotThere as error:
            raise NotThere(self._no_endpoint(credentials), raw=error.raw) from None
        return replies.receipt(reply, credentials)

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        reply = self.ask(self._path(credentials, "status", provider_job_id), credentials)
        return replies.one(reply, provider_job_id, credentials)

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        self.ask(self._path(credentials, "cancel", provider_job_id), credentials, method="POST")

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Results lie at signed addresses in a bucket; no key is ever sent there."""
        hosts = key_options.result_hosts(credentials)
        try:
            return self.fetch(artifact.url, artifact, offset, validator, hosts)
        except NotThere:
            # A week after the run the address does not open any more, but the team's bucket still has the model.
            again = key_options.signed_again(artifact.url, credentials)
            if artifact.kind is not ArtifactKind.CHECKPOINT or not again:
                raise
        return self.fetch(again, artifact, offset, validator, hosts)

    def fetch(self, url: str, artifact: Artifact, offset: int, validator: str, hosts: Collection[str] = ()) -> Download:
        """As every adapter does; of a host that is not allowed it is said where that can be changed."""
        try:
            return super().fetch(url, artifact, offset, validator, hosts)
        except HostRefused as error:
            raise HostRefused(key_options.not_allowed(error.host), host=error.host) from None

    def _path(self, credentials: Credentials, call: str, job_id: str = "") -> str:
        """Raises `NotThere` for what cannot be an endpoint or a job."""
        endpoint = key_options.endpoint(credentials.options)
        if not endpoint or (job_id and not is_job_id(job_id)):
            raise NotThere("RunPod keeps no job under this id." if endpoint else key_options.wrong_key(credentials))
        return f"/v2/{endpoint}/{call}" + (f"/{quote(job_id, safe='')}" if job_id else "")

    def _no_endpoint(self, credentials: Credentials) -> str:
        name = key_options.endpoint(credentials.options)
        return f"RunPod has no endpoint called {name}. Check the endpoint id of this key."
