"""The emulator as a command: `python -m tests.providers.emulators.runpod --port 9002 --seed 1 --mischief 0.3`."""

import argparse

from tests.providers.emulators import command
from tests.providers.emulators.runpod.emulator import KEY, Emulator
from tests.providers.emulators.runpod.service import Pace


def main() -> None:
    asked = _arguments()
    command.play(_from(asked), "RunPod", KEY, asked)


def _arguments() -> argparse.Namespace:
    parser = command.parser("RunPod", 9002)
    parser.add_argument("--endpoint", action="append", default=[], metavar="ID", help="another endpoint")
    parser.add_argument("--queue", type=float, default=Pace.queue, help="seconds in the queue")
    parser.add_argument("--training", type=float, default=Pace.training, help="seconds a training takes")
    parser.add_argument("--image", type=float, default=Pace.image, help="seconds a picture takes")
    parser.add_argument("--checkpoint-bytes", type=int, default=Pace.checkpoint_bytes)
    parser.add_argument("--opens-archives", action="store_true", help="fetch the photos, on this computer only")
    parser.add_argument("--old-worker", action="store_true", help="take no whole number for a float")
    return parser.parse_args()


def _from(asked: argparse.Namespace) -> Emulator:
    emulator = Emulator(
        port=asked.port,
        seed=asked.seed,
        speed=asked.speed,
        pace=Pace(asked.queue, asked.training, asked.image, asked.checkpoint_bytes),
        opens_archives=asked.opens_archives,
        old_worker=asked.old_worker,
    )
    emulator.service.endpoints.update(asked.endpoint)
    for account in asked.account:
        emulator.service.open_account(account)
    return emulator


main()
