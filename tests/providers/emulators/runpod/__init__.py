"""A RunPod endpoint with the public DreamBooth worker, as its contract describes both, as a real HTTP server.

It checks orders as the worker does, fetches and opens the photos, keeps the trained model in a bucket of its own when
it is told a bucket, charges once for each order it takes, and forgets a job half an hour after its end. It lists
nothing. It misbehaves on request or by a seed; `faults` lists how. In a test:

    with emulated() as emulator:
        service = runpod(emulator.url)

By itself: `python -m tests.providers.emulators.runpod --port 9002 --seed 1`; it is steered at `/emulator/…`, see
`tests.providers.emulators.control`.
"""

from tests.providers.emulators.faults import Fault
from tests.providers.emulators.runpod.emulator import Emulator, emulated
from tests.providers.emulators.runpod.service import Bucket, Pace

__all__ = ["Bucket", "Emulator", "Fault", "Pace", "emulated"]
