"""Somebody who places paid orders, and decides what only a person can: after a look at the provider's own page."""

import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from urllib.request import urlopen

PATIENCE = timedelta(seconds=20)
"""After so long a doubt the buyer behaves as if a quarter of an hour had passed."""
MARK = re.compile(r"\bk(\d+)x\b")
"""The word in each order that tells it from all others, in our rows and in the provider's books."""
EMAIL, PASSWORD = "buyer@example.com", "correct horse battery"
KINDS = ("generation", "generation", "generation", "training", "train_and_generate")


def buy(provider_url: str, seed: str, count: str, at_once: str, keys: str, *kinds: str) -> None:
    """Place *count* orders of these *kinds*, at most *at_once* open at a time, spread over so many *keys*; then go on
    deciding."""
    from jobs.models import Job

    shop = Shop(int(keys), Random(f"{seed}/orders"), kinds or KINDS)
    for number in range(int(count)):
        while Job.objects.open().count() >= int(at_once):
            decide(provider_url)
            time.sleep(0.1)
        shop.order(number)
    while True:
        decide(provider_url)
        time.sleep(0.5)


class Shop:
    """A workspace with API keys and one photo; *random* decides what is ordered."""

    def __init__(self, key_count: int, random: Random, kinds: tuple[str, ...]) -> None:
        from dashboard.models import Membership, Role, User, Workspace
        from jobs.files import storage
        from jobs.operations.api_keys import keys
        from tests.jobs.photographed import jpeg, make_photo, make_set

        self.random, self.kinds = random, kinds
        self.workspace = Workspace.objects.create(name="Shop", slug="shop")
        self.user = User.objects.create_user(EMAIL, PASSWORD, name="Buyer")
        Membership.objects.create(workspace=self.workspace, user=self.user, role=Role.OWNER)
        secrets = [f"dl-account-{number}" for number in range(key_count)]
        self.keys = [keys.add(self.workspace, self.user, "dreamlook", secret, secret) for secret in secrets]
        self.photo_set = make_set(self.workspace, self.user)
        content = jpeg().read()
        make_photo(self.photo_set, prepared=storage.put(self.workspace.pk, "prepared", content, ".jpg").name)

    def order(self, number: int) -> None:
        from jobs.operations.commands.create import create

        create(self.workspace, self.user, self._draft(number), f"order-{number}")

    def _draft(self, number: int) -> Any:
        from jobs.operations.commands.drafts import JobDraft
        from jobs.providers.order import Kind

        kind, mark = Kind(self.random.choice(self.kinds)), f"k{number}x"
        drawn = {"prompt": f"{mark} in the snow", "num_samples": 1, "width": 64, "height": 64}
        draft = JobDraft(kind, mark, self.random.choice(self.keys), base_model="stable-diffusion-v1-5")
        draft = replace(draft, model_type="sd-v1", generations=(drawn,) if kind.generates else ())
        if kind.trains:
            trained = {
                "steps": 100,
                "learning_rate": 1e-6,
                "extract_lora": self.random.choice(["original", "disabled"]),
            }
            draft = replace(draft, photo_set=self.photo_set, token=mark, class_word="dog", training=trained)
        return draft


def decide(provider_url: str) -> None:
    """Settle what is left to a person."""
    from django.utils import timezone

    from jobs.models import Job, JobState
    from jobs.operations.commands.decide import decide as settle
    from jobs.operations.errors import NotPossible

    doubtful = Job.objects.filter(state=JobState.UNCERTAIN, uncertain_since__lt=timezone.now() - PATIENCE)
    doubtful.filter(needs_decision=False).update(uncertain_since=timezone.now() - timedelta(hours=1))
    for job in Job.objects.filter(state=JobState.UNCERTAIN, needs_decision=True).select_related("workspace"):
        found = _on_their_page(provider_url, job.name)
        try:
            settle(job, job.created_by, there=bool(found), provider_job_id=found)
        except NotPossible:
            continue  # settled in the meantime


def _on_their_page(provider_url: str, mark: str) -> str:
    with urlopen(f"{provider_url}/emulator/ledger", timeout=10) as answer:
        charges = json.load(answer)
    return next((one["job_id"] for one in charges if mark_in(one["request"]) == mark), "")


def mark_in(request: object) -> str:
    """The mark of the order that *request* came from."""
    found = MARK.search(json.dumps(request))
    return found[0] if found else ""
