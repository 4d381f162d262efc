"""The RunPod provider. What it speaks is described in the contract; what was read in the source of its public worker
is said where it matters."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from jobs.providers.base import Capability, Provider
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.errors import InvalidOrder, NotThere, Refused
from jobs.providers.kit.client import GuardedClient
from jobs.providers.kit.network import longest_order
from jobs.providers.kit.refusals import in_our_words
from jobs.providers.kit.replies import is_job_id
from jobs.providers.order import BaseModel, Estimate, Kind, Order, Study
from jobs.providers.params import Param
from jobs.providers.reply import Artifact, ArtifactKind, Download, KeyReport, Receipt, Snapshot
from jobs.providers.runpod import archive, key_options, replies, requests, rules, study, workers
from jobs.providers.runpod.base_models import BASE_MODELS, MODEL_TYPES, TYPED_HELP, typed
from jobs.providers.runpod.generation_fields import GENERATION
from jobs.providers.runpod.presets import PRESETS
from jobs.providers.runpod.training_fields import TRAINING

BASE_URL = "https://api.runpod.ai"

_LARGEST = {ArtifactKind.IMAGE: 64 * 1024**2, ArtifactKind.CHECKPOINT: 16 * 1024**3}
"""Bytes that a result may have; RunPod does not tell how many it has."""
_NAMES = frozenset(param.name for param in (*TRAINING, *GENERATION))
_IN_OUR_FORM = {"data_url": "photos", "hf_model": "base_model", "ckpt_link": "base_model"}


class RunPod(Provider):
    slug = "runpod"
    label = "RunPod"
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
    base_models = BASE_MODELS
    model_types = MODEL_TYPES
    typed_model_help = TYPED_HELP
    presets = PRESETS
    key_help = "Sign in at runpod.io and make a key under Settings, API Keys; it begins with rpa_."
    leaves_building = (
        "Your photos and prompts go to your endpoint at RunPod, which fetches the photos from here while the job runs."
    )
    price_list = "https://www.runpod.io/pricing"
    forgets_after = timedelta(minutes=30)
    poll_seconds = (3.0, 30.0)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.longest_call = longest_order(context.patience)
        self._http = GuardedClient.of(self.slug, self.label, BASE_URL, context)

    def close(self) -> None:
        self._http.close()

    def base_model(self, id_: str) -> BaseModel | None:
        return super().base_model(id_) or (typed(id_.strip()) if id_.strip() else None)

    def key_params(self) -> tuple[Param, ...]:
        return key_options.KEY_PARAMS

    def wrong_key_options(self, options: Mapping[str, str], secret_names: Collection[str]) -> Mapping[str, str]:
        return key_options.wrong_key_options(options, secret_names)

    def training_params(self) -> tuple[Param, ...]:
        return TRAINING

    def generation_params(self) -> tuple[Param, ...]:
        return GENERATION

    def study(self, order: Order, photo_count: int) -> Study | None:
        return study.study(order, photo_count)

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        """Roughly, from what such training takes on a GPU with 24 GB; what it costs depends on the endpoint's GPU."""
        found = self.study(order, photo_count)
        steps = found.steps + found.text_steps if found else 0
        drawing = 30 + 3 * self.expected_images(order) if order.kind.generates else 0
        least = 120 + 0.2 * steps + drawing
        return Estimate((int(least), int(3 * least) + 300))

    def wrong_fields(self, order: Order) -> Mapping[str, str]:
        return rules.wrong_fields(order)

    def notices(self, order: Order) -> tuple[str, ...]:
        return tuple(rules.notices(order))

    def keeps_model(self, order: Order) -> bool:
        return rules.keeps_model(order)

    def archive_names(self, order: Order) -> tuple[str, ...]:
        return archive.archive_names(order)

    def called_id(self, body: Mapping[str, Any]) -> str:
        called = body.get("id")
        return called if isinstance(called, str) and is_job_id(called) else ""

    def as_command(self, order: Order) -> str:
        return requests.as_command(order, BASE_URL, self.estimate(order, len(order.photos)))

    def test_key(self, credentials: Credentials) -> KeyReport:
        """A look at the endpoint's health: it costs nothing, needs the key, and knows whether the endpoint is there."""
        if wrong := rules.wrong_key(credentials):
            return KeyReport(ok=False, sentence=wrong)
        try:
            health = self._ask(credentials, "health")
        except NotThere:
            return KeyReport(ok=False, sentence=self._no_endpoint(credentials), about="endpoint_id")
        return KeyReport(ok=True, sentence=f"RunPod accepts this key and has the endpoint. {workers.ready(health)}")

    def why_waiting(self, credentials: Credentials) -> str:
        return workers.why_waiting(self._ask(credentials, "health"))

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        if wrong := {**rules.wrong_fields(order), **rules.wrong_photos(order)}:
            raise InvalidOrder("The order was not sent.", fields=wrong)
        if said := rules.wrong_key(credentials):
            raise InvalidOrder(f"{said} Nothing was sent.")
        limits = self.estimate(order, len(order.photos))
        body = requests.body(order, credentials.options, credentials.secrets, limits)
        if len(json.dumps(body)) > requests.LONGEST:
            raise InvalidOrder("This order is longer than RunPod takes, 10 MB. Use fewer prompts. Nothing was sent.")
        try:
            path, hidden = self._path(credentials, "run"), credentials.secrets.values()
            reply = self._http.order(path, body, credentials.secret, hidden=hidden)
        except InvalidOrder as error:
            raise in_our_words(error, self.label, _NAMES, _IN_OUR_FORM) from None
        except NotThere as error:
            raise NotThere(self._no_endpoint(credentials), raw=error.raw) from None
        return replies.receipt(reply, credentials)

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        return replies.one(self._ask(credentials, "status", provider_job_id), provider_job_id, credentials)

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        raise Refused("RunPod has no list of jobs.")

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        self._ask(credentials, "cancel", provider_job_id, method="POST")

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        """Results lie at signed addresses in a bucket; no key is ever sent there."""
        try:
            return self._download(artifact.url, artifact.kind, credentials, offset, validator)
        except NotThere:
            # A week after the run the address does not open any more, but the team's bucket still has the model.
            again = key_options.signed_again(artifact.url, credentials)
            if artifact.kind is not ArtifactKind.CHECKPOINT or not again:
                raise
        return self._download(again, artifact.kind, credentials, offset, validator)

    def _download(
        self, url: str, kind: ArtifactKind, credentials: Credentials, offset: int, validator: str
    ) -> Download:
        hosts, limit = key_options.result_hosts(credentials), _LARGEST[kind]
        return self._http.download(url, limit_bytes=limit, offset=offset, validator=validator, hosts=hosts)

    def _ask(self, credentials: Credentials, call: str, job_id: str = "", method: str = "GET") -> object:
        """An answer without any of our secrets: RunPod repeats the whole order, the bucket's among them."""
        path, hidden = self._path(credentials, call, job_id), credentials.secrets.values()
        return self._http.ask(path, credentials.secret, method=method, hidden=hidden)

    def _path(self, credentials: Credentials, call: str, job_id: str = "") -> str:
        """Raises `NotThere` for what cannot be an endpoint or a job."""
        endpoint = key_options.endpoint(credentials.options)
        if not endpoint or (job_id and not is_job_id(job_id)):
            raise NotThere("RunPod keeps no job under this id." if endpoint else rules.wrong_key(credentials))
        return f"/v2/{endpoint}/{call}" + (f"/{quote(job_id, safe='')}" if job_id else "")

    def _no_endpoint(self, credentials: Credentials) -> str:
        name = key_options.endpoint(credentials.options)
        return f"RunPod has no endpoint called {name}. Check the endpoint id of this key."
