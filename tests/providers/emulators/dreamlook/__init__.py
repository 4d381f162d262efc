"""dreamlook.ai as its contract describes it, as a real HTTP server on the loopback address.

It keeps jobs, time and tokens, and charges once for each order it takes, so that whoever pays twice is found out. It
misbehaves on request (`emulator.faults.plan("submit", Fault("reset"))`) or by a seed (`emulator.faults.mischief(0.3)`);
`faults` lists how. In a test:

    with emulated() as emulator:
        service = dreamlook(emulator.url)

By itself: `python -m tests.providers.emulators.dreamlook --port 9001 --seed 1`; it is steered at `/emulator/…`, see
`control`.
"""

from tests.providers.emulators.dreamlook.emulator import Emulator, emulated
from tests.providers.emulators.dreamlook.service import Pace
from tests.providers.emulators.faults import Fault

__all__ = ["Emulator", "Fault", "Pace", "emulated"]
