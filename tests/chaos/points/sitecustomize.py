"""Put first on PYTHONPATH: makes the worker kill itself at the points that are armed.

A point is armed by files `NAME.NUMBER` in the folder `KILL_AT`. Each time that some process reaches the point, it
takes one of them away; whoever takes number 0, the last, dies on the spot.
"""

import os
import signal
import sys
from pathlib import Path

ARMED = Path(os.environ.get("KILL_AT", "/nonexistent"))


def reach(name: str) -> None:
    for file in sorted(ARMED.glob(f"{name}.*"), reverse=True):
        try:
            file.unlink()
        except FileNotFoundError:
            continue  # another thread was here at the same time
        if file.suffix == ".0":
            os.kill(os.getpid(), signal.SIGKILL)
        return


if "worker" in sys.orig_argv and ARMED.is_dir():
    from jobs.operations import failpoints

    failpoints.on_reach = reach
