"""The emulator as a command: `python -m tests.providers.emulators.dreamlook --port 9001 --seed 1 --mischief 0.3`."""

import argparse

from tests.providers.emulators import command
from tests.providers.emulators.dreamlook.emulator import KEY, Emulator
from tests.providers.emulators.dreamlook.service import Pace


def main() -> None:
    asked = _arguments()
    command.play(_from(asked), "dreamlook", KEY, asked)


def _arguments() -> argparse.Namespace:
    parser = command.parser("dreamlook.ai", 9001)
    parser.add_argument("--queue", type=float, default=Pace.queue, help="seconds in the queue")
    parser.add_argument("--training", type=float, default=Pace.training, help="seconds a training takes")
    parser.add_argument("--image", type=float, default=Pace.image, help="seconds a picture takes")
    parser.add_argument("--checkpoint-bytes", type=int, default=Pace.checkpoint_bytes)
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
    return emulator


main()
