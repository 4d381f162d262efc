"""Somebody who places paid orders, and decides what only a person can: after a look at the provider's own page."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, TypeVar
from urllib.request import urlopen

from tests.chaos.trial_orders import TRIAL_ORDERS, TrialOrders, mark, mark_in

PATIENCE = timedelta(seconds=20)
"""After so long a doubt the buyer behaves as if a quarter of an hour had passed."""
T = TypeVar("T")
EMAIL, PASSWORD = "buyer@example.com", "correct horse battery"


def buy(provider: str, provider_url: str, seed: str, count: str, at_once: str, keys: str, *kinds: str) -> None:
    """Place *count* orders of these *kinds*, at most *at_once* open at a time, spread over so many *keys*; then go on
    deciding."""
    from jobs.models import Job

    shop = patiently(lambda: Shop(TRIAL_ORDERS[provider], int(keys), Random(f"{seed}/orders"), kinds))
    for number in range(int(count)):
        while patiently(lambda: Job.objects.open().count()) >= int(at_once):
            patiently(lambda: decide(provider_url))
            time.sleep(0.1)
        shop.order(number)
    while True:
        patiently(lambda: decide(provider_url))
        time.sleep(0.5)


def patiently(step: Callable[[], T]) -> T:
    """What *step* returns, once the database is there."""
    from django.db import InterfaceError, OperationalError, connections

    while True:
        try:
            return step()
        except (InterfaceError, OperationalError):
            connections.close_all()
            time.sleep(0.2)


class Shop:
    """A workspace with API keys and one photo; *random* decides what is ordered."""

    def __init__(self, orders: TrialOrders, key_count: int, random: Random, kinds: tuple[str, ...]) -> None:
        from django.db import transaction

        self.orders, self.random, self.kinds = orders, random, kinds or orders.kinds
        with transaction.atomic():
            self._furnish(key_count)

    def _furnish(self, key_count: int) -> None:
        from dashboard.models import Membership, Role, User, Workspace
        from jobs.files import storage
        from tests.jobs.factories import jpeg, make_photo, make_set

        self.workspace = Workspace.objects.create(name="Shop", slug="shop")
        self.user = User.objects.create_user(EMAIL, PASSWORD, name="Buyer")
        Membership.objects.create(workspace=self.workspace, user=self.user, role=Role.OWNER)
        self.keys = [self._key(self.orders.account(number)) for number in range(key_count)]
        self.photo_set = make_set(self.workspace, self.user)
        content = jpeg().read()
        make_photo(self.photo_set, prepared=storage.put(self.workspace.pk, "prepared", content, ".jpg").name)

    def _key(self, secret: str) -> Any:
        from jobs.operations.api_keys import keys
        from jobs.operations.api_keys.keys import SubmittedOptions

        told = SubmittedOptions.typed(self.orders.options, self.orders.secrets)
        return keys.add(self.workspace, self.user, self.orders.provider, secret, secret, told)

    def order(self, number: int) -> None:
        from jobs.operations.jobs.order import create

        draft = self._draft(number)
        patiently(lambda: create(self.workspace, self.user, draft, f"order-{number}"))

    def _draft(self, number: int) -> Any:
        from jobs.operations.jobs.order import JobDraft
        from jobs.providers.order import Kind

        kind, name = Kind(self.random.choice(self.kinds)), mark(number)
        drawn = {"prompt": f"{name} in the snow", **self.orders.drawn}
        draft = JobDraft(kind, name, api_key=self.random.choice(self.keys), base_model="stable-diffusion-v1-5")
        draft = replace(draft, model_type="sd-v1", generations=(drawn,) if kind.generates else ())
        if kind.trains:
            trained = self.orders.trained(self.random, name)
            draft = replace(draft, photo_set=self.photo_set, token=name, class_word="dog", training=trained)
        return draft


def decide(provider_url: str) -> None:
    """Settle what is left to a person."""
    from django.utils import timezone

    from jobs.models import Job, JobState
    from jobs.operations.errors import NotPossible
    from jobs.operations.jobs.actions import Decision
    from jobs.operations.jobs.actions import decide as settle

    doubtful = Job.objects.filter(state=JobState.UNCERTAIN, uncertain_since__lt=timezone.now() - PATIENCE)
    doubtful.filter(needs_decision=False).update(uncertain_since=timezone.now() - timedelta(hours=1))
    for job in Job.objects.filter(state=JobState.UNCERTAIN, needs_decision=True).select_related("workspace"):
        found = _on_their_page(provider_url, job.name)
        try:
            settle(job, job.created_by, Decision.THERE if found else Decision.SEND, found)
        except NotPossible:
            continue  # settled in the meantime, or the provider did not say


def _on_their_page(provider_url: str, name: str) -> str:
    with urlopen(f"{provider_url}/emulator/ledger", timeout=10) as answer:
        charges = json.load(answer)
    return next((one["job_id"] for one in charges if mark_in(one["request"]) == name), "")
