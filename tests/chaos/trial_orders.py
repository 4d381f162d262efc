"""What the trials order, provider by provider, and under which keys."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.providers.emulators import dreamlook, runpod
from tests.providers.emulators.base import Emulator

_BUCKET = runpod.Bucket()
_MARK = re.compile(r"\bk[a-j]{4}x\b")


def mark(number: int) -> str:
    """The word in order *number* that tells it from all others, in our rows and in the provider's books.

    It has letters only, for some providers take no digits in a subject's name.
    """
    return f"k{f'{number:04}'.translate(str.maketrans('0123456789', 'abcdefghij'))}x"


def mark_in(request: object) -> str:
    """The mark of the order that *request* came from."""
    found = _MARK.search(json.dumps(request))
    return found[0] if found else ""


@dataclass(frozen=True)
class TrialOrders:
    """One provider's. *trained* gives the values of a training called so, *drawn* are those of a generation, its prompt
    aside; *options* and *secrets* are told along with a key."""

    provider: str
    kinds: tuple[str, ...]
    trained: Callable[[Random, str], dict[str, Any]]
    drawn: dict[str, Any]
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def account(self, number: int) -> str:
        return f"{self.provider}-account-{number}"


TRIAL_ORDERS = {
    "dreamlook": TrialOrders(
        "dreamlook",
        ("generation", "generation", "generation", "training", "train_and_generate"),
        lambda random, name: {
            "steps": 100,
            "learning_rate": 1e-6,
            "extract_lora": random.choice(["original", "disabled"]),
        },
        {"num_samples": 1, "width": 64, "height": 64},
    ),
    "runpod": TrialOrders(
        "runpod",
        ("train_and_generate", "train_and_generate", "training"),
        lambda random, name: {"unet_epochs": random.choice([10, 20])},
        {"n_iter": 1, "width": 64, "height": 64, "cfg_scale": 7.0},
        {
            "endpoint_id": "dream-booth-v1",
            "bucket_name": _BUCKET.name,
            "bucket_access_id": _BUCKET.access_id,
            "bucket_endpoint": "https://bucket.example",
        },
        {"bucket_secret": _BUCKET.secret},
    ),
}


def played(provider: str, seed: int) -> AbstractContextManager[Emulator]:
    """The provider's emulator, quick and with small results. RunPod's opens the photos for real."""
    if provider == "runpod":
        pace = runpod.Pace(queue=0.5, training=1.0, image=0.2, checkpoint_bytes=200_000)
        return runpod.emulated(seed=seed, pace=pace, opens_archives=True, old_worker=True)
    return dreamlook.emulated(
        seed=seed, pace=dreamlook.Pace(queue=0.5, training=1.0, image=0.2, checkpoint_bytes=200_000, lora_bytes=30_000)
    )
