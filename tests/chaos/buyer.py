"""Somebody who places paid orders, and decides what only a person can: after a look at the provider's own page.

Two troubles come by order number, so that a seed brings them again: spells in which the provider takes connections and
answers nothing, and a key that is changed to another account's while answers are lost.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from tests.chaos.trial_orders import TRIAL_ORDERS, TrialOrders, mark, mark_in

PATIENCE = timedelta(seconds=20)
"""After so long a doubt the buyer behaves as if a quarter of an hour had passed."""
OTHER = 99
"""The number of the account that the changed key belongs to."""
T = TypeVar("T")
EMAIL, PASSWORD = "buyer@example.com", "correct horse battery"


HANGING, OTHER_KEY = "hanging", "other-key"
SPELL = (4.0, 12.0)
"""Least and most seconds for which the provider hangs."""
ORDERS_A_SPELL = 50
DOORS = ("submit", "read", "list", "download")
MEANWHILE = 3
"""Orders whose answers are lost when the key is changed."""


def buy(
    provider: str, provider_url: str, seed: str, count: str, at_once: str, keys: str, troubles: str, *kinds: str
) -> None:
    """Place *count* orders of these *kinds*, at most *at_once* open at a time, spread over so many *keys*; then go on
    deciding. *troubles* are separated by commas."""
    from jobs.models import Job

    shop = patiently(lambda: Shop(TRIAL_ORDERS[provider], int(keys), Random(f"{seed}/orders"), kinds))
    spells = Spells(provider_url, Random(f"{seed}/spells"))
    for number in range(int(count)):
        while patiently(lambda: Job.objects.open().count()) >= int(at_once):
            spells.pass_by()
            patiently(lambda: decide(provider_url))
            time.sleep(0.1)
        spells.pass_by()
        if HANGING in troubles and number % ORDERS_A_SPELL == 1:
            spells.begin()
        if OTHER_KEY in troubles and number == int(count) - MEANWHILE:
            spells.end()
            shop.change_key(provider_url, number)
            break
        shop.order(number)
    while True:
        spells.pass_by()
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


def steer(provider_url: str, word: str, **told: object) -> None:
    with urlopen(Request(f"{provider_url}/emulator/{word}", json.dumps(told).encode()), timeout=30):
        pass


def wait_until(is_so: Callable[[], bool], provider_url: str = "") -> None:
    """Go on once it *is_so*; with *provider_url* what is left to a person is settled meanwhile."""
    while not patiently(is_so):
        if provider_url:
            patiently(lambda: decide(provider_url))
        time.sleep(0.1)


class Spells:
    """Times in which the provider hangs; whether it takes the orders all the same is chance."""

    def __init__(self, provider_url: str, random: Random) -> None:
        self.provider_url, self.random = provider_url, random
        self.until: float | None = None

    def begin(self) -> None:
        self.until = time.monotonic() + self.random.uniform(*SPELL)
        silence = {"name": "hang", "seconds": 30, "accept": self.random.random() < 0.5}
        steer(self.provider_url, "always", doors=DOORS, fault=silence)

    def end(self) -> None:
        if self.until is not None:
            self.until = None
            steer(self.provider_url, "always", doors=DOORS, fault=None)

    def pass_by(self) -> None:
        if self.until is not None and time.monotonic() > self.until:
            self.end()


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

    def change_key(self, provider_url: str, first: int) -> None:
        """Order with a key whose answers get lost, put another account's in its place until somebody is asked about
        each of them, and then bring it back, as the question says."""
        from django.utils import timezone

        from jobs.models import Attempt, Job, JobState
        from jobs.operations.api_keys import keys

        key, self.keys = self.keys[0], self.keys[:1]
        wait_until(lambda: not Job.objects.filter(api_key=key).open().exists(), provider_url)
        wait_until(lambda: not Job.objects.filter(api_key=key, results_pending=True).exists(), provider_url)
        lost = Job.objects.filter(name__in=[mark(number) for number in range(first, first + MEANWHILE)])
        steer(provider_url, "always", doors=["callback"], fault={"name": "never"})
        steer(provider_url, "always", doors=["list"], fault={"name": "status", "status": 503})
        for number in range(first, first + MEANWHILE):
            silence = {"name": "reset", "accept": number > first}  # one of them never arrives
            steer(provider_url, "always", doors=["submit"], fault=silence)
            self.order(number)
            wait_until(lambda: not lost.exclude(state=JobState.UNCERTAIN).exists())
        patiently(lambda: keys.replace(key, self.user, self.orders.account(OTHER)))
        steer(provider_url, "always", doors=["list", "submit"], fault=None)

        def a_quarter_of_an_hour_passes() -> bool:
            then = timezone.now() - timedelta(hours=1)
            Attempt.objects.filter(job__in=lost).update(created_at=then)
            lost.filter(needs_decision=False).update(uncertain_since=then, next_action_at=timezone.now())
            return not lost.exclude(state=JobState.UNCERTAIN, needs_decision=True).exists()

        wait_until(a_quarter_of_an_hour_passes)
        patiently(lambda: keys.replace(key, self.user, self.orders.account(0)))
        steer(provider_url, "always", doors=["callback"], fault=None)

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
