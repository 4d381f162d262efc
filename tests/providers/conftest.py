"""An emulated dreamlook whose clock stands still but for what a test pushes it on."""

from collections.abc import Iterator

import pytest

from jobs.providers.dreamlook.adapter import Dreamlook
from tests.providers.dreamlook_orders import OPENED, dreamlook
from tests.providers.emulators.dreamlook import Emulator, emulated


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated(speed=0) as running:
        yield running


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def service(emulator: Emulator) -> Dreamlook:
    return dreamlook(emulator.url)
