"""The practice provider: what `Provider` asks, answered by the simulated service."""

import time
from collections.abc import Sequence
from dataclasses import replace

from jobs.providers.base import Capability, Provider
from jobs.providers.context import Context
from jobs.providers.credentials import Credentials
from jobs.providers.errors import NotThere, Uncertain
from jobs.providers.order import Estimate, Kind, Order
from jobs.providers.practice import fields, life
from jobs.providers.practice.orders import ID_PREFIX, Document, admit, is_job_id, job_key, photos_key, refuse_as_asked
from jobs.providers.practice_painting.picture import draw
from jobs.providers.practice_painting.prompt import SETTINGS
from jobs.providers.reply import Artifact, ArtifactKind, Download, KeyReport, Receipt, Snapshot

_LISTED = 50
_CLOCK_SLACK = 5.0
"""Seconds by which a job may begin later than now: clocks differ a little."""
_LOST = "The answer got lost on the way."


class Practice(Provider):
    slug = "practice"
    label = "Practice"
    credit = "tokens"
    is_practice = True
    costs_nothing = True
    in_process = True
    capabilities = frozenset(
        {
            Capability.TRAIN,
            Capability.TRAIN_FURTHER,
            Capability.GENERATE,
            Capability.TRAIN_AND_GENERATE,
            Capability.DRY_RUN,
            Capability.CANCEL,
            Capability.FORGET_PHOTOS,
            Capability.LIST,
        }
    )
    base_models = fields.BASE_MODELS
    training_params = fields.TRAINING
    generation_params = fields.GENERATION
    prompt_help = f"Practice knows these places: {', '.join(setting.name for setting in SETTINGS)}."
    presets = fields.PRESETS
    key_help = "Practice needs no key."
    leaves_building = "Nothing leaves this server: practice is part of Likeness."
    longest_call = 5.0
    poll_seconds = (0.7, 2.0)
    list_length = _LISTED

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._store = context.practice_store

    def estimate(self, order: Order, photo_count: int) -> Estimate:
        pictures = self.expected_images(order)
        training = self.context.practice_training_seconds
        seconds = (training if order.kind.trains else training * 0.05) + pictures * self.context.practice_image_seconds
        if order.dry_run:
            seconds = training * 0.05
        return Estimate((int(seconds), int(seconds * 1.2) + 5), cost_cents=0)

    def test_key(self, credentials: Credentials) -> KeyReport:
        return KeyReport(ok=True, sentence="Practice works without a key and costs nothing.")

    def submit(self, order: Order, credentials: Credentials) -> Receipt:
        """Take the order as a real service would: the same order twice is two jobs."""
        account = credentials.account
        document = admit(order, self.context, self._store, account)
        refuse_as_asked(document)
        if document.outcome == "answer_lost_before":
            raise Uncertain(_LOST)
        if order.kind.trains:
            self._store.put(account, photos_key(document.id), life.pack_photos(order.photos))
        self._store.put(account, job_key(document.id), document.body())
        if document.outcome == "answer_lost_after":
            raise Uncertain(_LOST)
        return Receipt(document.id, raw={"job_id": document.id})

    def read(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> Snapshot:
        return life.snapshot(self._document(provider_job_id, credentials), time.time())

    def list_latest(self, kind: Kind, credentials: Credentials) -> Sequence[Snapshot]:
        newest = self._store.latest(credentials.account, f"job/{ID_PREFIX[kind]}", _LISTED)
        documents = [self._begun(Document.of(body), credentials) for _, body in newest]
        return [life.snapshot(document, time.time()) for document in documents]

    def cancel(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        document = self._document(provider_job_id, credentials)
        if document.cancelled_at is None:
            stopped = replace(document, cancelled_at=time.time())
            self._store.put(credentials.account, job_key(document.id), stopped.body())

    def forget_photos(self, kind: Kind, provider_job_id: str, credentials: Credentials) -> None:
        """The job goes on, and what it draws from then on shows none of them."""
        self._store.delete(credentials.account, photos_key(provider_job_id))

    def download(self, artifact: Artifact, credentials: Credentials, offset: int = 0, validator: str = "") -> Download:
        document = self._document(artifact.id.partition("-")[0], credentials)
        made = life.snapshot(document, time.time()).artifacts
        found = next((one for one in made if one.id == artifact.id and one.available), None)
        if found is None:
            raise NotThere("Practice does not have this result.")
        if found.kind is ArtifactKind.CHECKPOINT:
            content = life.checkpoint_file(document, found.step or 0, is_lora=found.is_lora)
        else:
            trained_by = document.photos_of
            photos = self._store.get(credentials.account, photos_key(trained_by)) if trained_by else None
            content = draw(life.scene_of(document, found), life.unpack_photos(photos))
        return Download(iter([content[offset:]]), offset, len(content))

    def _document(self, job_id: str, credentials: Credentials) -> Document:
        body = self._store.get(credentials.account, job_key(job_id)) if is_job_id(job_id) else None
        if body is None:
            raise NotThere("Practice does not know this job.")
        return self._begun(Document.of(body), credentials)

    def _begun(self, document: Document, credentials: Credentials) -> Document:
        """*document*, which begins now if it was to begin later: then the clock was set back (B11)."""
        if document.at - time.time() > _CLOCK_SLACK:
            document = replace(document, at=time.time())
            self._store.put(credentials.account, job_key(document.id), document.body())
        return document
