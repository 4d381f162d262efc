"""What the emulators' commands have in common."""

import argparse
import signal
from threading import Event

from tests.providers.emulators.base import Emulator


def parser(who: str, port: int) -> argparse.ArgumentParser:
    """Asks what every emulator needs to know."""
    asked = argparse.ArgumentParser(description=f"Play {who} on this computer.")
    asked.add_argument("--port", type=int, default=port)
    asked.add_argument("--seed", type=int, default=1, help="decides ids and what chance brings")
    asked.add_argument("--speed", type=float, default=1.0, help="seconds that pass there in one of ours")
    asked.add_argument("--mischief", type=float, default=0.0, help="share of the requests that meet a fault, 0 to 1")
    asked.add_argument(
        "--account", action="append", default=[], metavar="KEY", help="another key (KEY=TOKENS where there are tokens)"
    )
    return asked


def play(emulator: Emulator, who: str, key: str, asked: argparse.Namespace) -> None:
    """Run *emulator* until somebody ends this command."""
    emulator.faults.mischief(asked.mischief)
    emulator.start()
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    print(f"{who} is played at {emulator.url} with the key {key}; seed {asked.seed}.", flush=True)
    ended.wait()
    emulator.stop()
