"""The emulator as a command: `python -m tests.providers.emulators.dreamlook --port 9001 --seed 1 --mischief 0.3`."""

import argparse
import signal
from threading import Event

from tests.providers.emulators.dreamlook.emulator import KEY, Emulator
from tests.providers.emulators.dreamlook.service import Pace


def main() -> None:
    asked = _arguments()
    emulator = _from(asked)
    emulator.start()
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    print(f"dreamlook is played at {emulator.url} with the key {KEY}; seed {asked.seed}.", flush=True)
    ended.wait()
    emulator.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play dreamlook.ai on this computer.")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--seed", type=int, default=1, help="decides ids and what chance brings")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds that pass there in one of ours")
    parser.add_argument("--mischief", type=float, default=0.0, help="share of the requests that meet a fault, 0 to 1")
    parser.add_argument("--queue", type=float, default=Pace.queue, help="seconds in the queue")
    parser.add_argument("--training", type=float, default=Pace.training, help="seconds a training takes")
    parser.add_argument("--image", type=float, default=Pace.image, help="seconds a picture takes")
    parser.add_argument("--checkpoint-bytes", type=int, default=Pace.checkpoint_bytes)
    parser.add_argument("--account", action="append", default=[], metavar="KEY=TOKENS", help="another key")
    parser.add_argument(
        "--visits-photos", action="store_true", help="fetch the photos of orders, on this computer only"
    )
    return parser.parse_args()


def _from(asked: argparse.Namespace) -> Emulator:
    pace = Pace(asked.queue, asked.training, asked.image, asked.checkpoint_bytes)
    emulator = Emulator(
        port=asked.port, seed=asked.seed, speed=asked.speed, pace=pace, visits_photos=asked.visits_photos
    )
    for account in asked.account:
        key, _, tokens = account.partition("=")
        emulator.service.open_account(key, int(tokens or 1_000_000))
    emulator.faults.mischief(asked.mischief)
    return emulator


main()
