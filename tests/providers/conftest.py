"""Emulated providers whose clocks stand still but for what a test pushes them on."""

from collections.abc import Iterator

import pytest

from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.runpod.adapter import RunPod
from tests.providers.dreamlook import orders as dreamlook_orders
from tests.providers.dreamlook.orders import dreamlook
from tests.providers.emulators import runpod as emulated_runpod
from tests.providers.emulators.dreamlook import Emulator, emulated
from tests.providers.runpod import orders as runpod_orders
from tests.providers.runpod.orders import runpod


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated(speed=0) as running:
        yield running


@pytest.fixture
def endpoint() -> Iterator[emulated_runpod.Emulator]:
    """An emulated RunPod with the studio's endpoint and bucket, and a worker of the strictest sort."""
    with emulated_runpod.emulated(speed=0, old_worker=True) as running:
        running.service.open_account(runpod_orders.KEY)
        running.service.endpoints.add(runpod_orders.ENDPOINT)
        name, access_id = (runpod_orders.BUCKET[f"bucket_{word}"] for word in ("name", "access_id"))
        running.service.buckets[name] = emulated_runpod.Bucket(name, access_id, runpod_orders.BUCKET_SECRET)
        yield running


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    for opened in (dreamlook_orders.OPENED, runpod_orders.OPENED):
        while opened:
            opened.pop().close()


@pytest.fixture
def service(emulator: Emulator) -> Dreamlook:
    return dreamlook(emulator.url)


@pytest.fixture
def asked(endpoint: emulated_runpod.Emulator) -> RunPod:
    """Our own side, which asks the emulated RunPod."""
    return runpod(endpoint.url)
