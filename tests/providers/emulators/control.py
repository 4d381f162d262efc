"""Steering an emulator in another process, by HTTP at `/emulator/…`. JSON both ways.

GET ledger    every charge: job_id, account, at, request, and what else the provider writes down
GET seen      how many requests came in, by method and path
GET state     faults met so far, callbacks rung, what the emulator failed over, and what it tells of itself
POST plan     {"door": "submit", "faults": [{"name": "reset", "accept": true}, null]}
POST always   {"doors": ["submit"], "fault": {"name": "hang", "seconds": 30}}; null: no more
POST mischief {"rate": 0.3, "doors": ["submit"]}; no doors: all
POST behave   {} ends all faults
POST advance  {"seconds": 60}
POST account  {"key": "dl-…", "tokens": 1000}
"""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.providers.emulators.answers import Answer, of_json
from tests.providers.emulators.faults import Fault
from tests.providers.emulators.server import Seen

if TYPE_CHECKING:
    from tests.providers.emulators.base import Emulator


def steer(emulator: "Emulator", seen: Seen) -> Answer:
    """The answer to a request at `/emulator/…`."""
    word = urlsplit(seen.path).path.removeprefix("/emulator/")
    if seen.method == "GET":
        told = _tell(emulator, word)
        return of_json(404 if told is None else 200, told)
    told = seen.json()
    return of_json(200 if isinstance(told, dict) and _obey(emulator, word, told) else 400, {})


def _tell(emulator: "Emulator", word: str) -> Any:
    if word == "ledger":
        return [asdict(charge) for charge in emulator.books.ledger]
    if word == "seen":
        return Counter(f"{one.method} {urlsplit(one.path).path}" for one in list(emulator.server.seen))
    if word == "state":
        ringer, errors = emulator.ringer, [repr(error) for error in emulator.server.errors]
        return {
            **emulator.books.told(),
            "faults": emulator.faults.taken,
            "rings": ringer.rings,
            "errors": errors,
        }
    return None


def _obey(emulator: "Emulator", word: str, told: dict[str, Any]) -> bool:
    if word == "plan":
        emulator.faults.plan(told["door"], *(Fault(**one) if one else None for one in told["faults"]))
    elif word == "always":
        for door in told["doors"]:
            emulator.faults.always(door, Fault(**told["fault"]) if told["fault"] else None)
    elif word == "mischief":
        emulator.faults.mischief(told["rate"], *told.get("doors", ()))
    elif word == "behave":
        emulator.faults.behave()
    elif word == "advance":
        emulator.clock.advance(told["seconds"])
    elif word == "account":
        emulator.books.open_account(told["key"], told.get("tokens", 0))
    else:
        return False
    return True
