"""How soon a killed process works again, one at a time: `python -m tests.chaos.recovery --times 5`."""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.killed import CHILDREN, SUPERVISOR, KilledProduct, Watch, wait_until_back

CALM_SECONDS = 10.0
"""Between two kills, so that each one meets a product that runs well."""
BACK_SECONDS = 90.0


def measure(times: int, folder: Path) -> dict[str, list[float]]:
    """Seconds without it, after each kill, for each kind of process."""
    with KilledProduct(folder) as product:
        watch = Watch(product)
        for kind in [*CHILDREN, SUPERVISOR] * times:
            time.sleep(CALM_SECONDS)
            pid = product.pid_of(kind)
            os.kill(pid, signal.SIGKILL)
            watch.killed(kind, pid)
            if kind == SUPERVISOR:
                product.start_again()
            if not wait_until_back(watch, BACK_SECONDS):
                raise AssertionError(f"The {kind} did not come back:\n{product.said[-3000:]}")
        return watch.seconds


def main() -> int:
    """The command line; prints a line for each kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.recovery", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    found = measure(parser.parse_args().times, Path(tempfile.mkdtemp(prefix="likeness-recovery-")))
    for kind, seconds in found.items():
        print(f"{kind:>12}  median {statistics.median(seconds):5.1f} s  worst {max(seconds):5.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
