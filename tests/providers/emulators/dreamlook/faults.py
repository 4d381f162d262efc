"""Every way in which the emulated dreamlook can misbehave, besides those of `tests.providers.emulators.faults`.

The doors and their faults:

submit    an order arrives; `accept` says whether it is taken all the same. `id` (answer with `body` as job_id),
          `no_id`, `known_id` (an id given before), `twice` (two jobs for one order), `ring_first` (the callback comes
          before the answer).
read      one job is asked after.
list      the latest jobs are asked for. `stale` (as it was `seconds` ago), `doubled`, `shuffled`, `nothing`,
          `odd_entries`, `no_list`.
read/list `state` (`body` as state), `backwards`, `odd_types`, `extra`, `bare` (no optional field), `hostile`,
          `huge_numbers`, `skew` (times off by `seconds`), `no_results`, `few_results`, `unavailable`, `other_job`,
          `no_callback`, `spelling`, `hostile_results`.
life      an order was just taken: what becomes of it. `failure` (`body` is the reason), `never_ends`.
"""

from tests.providers.emulators.faults import BROKEN, BROKEN_UNTAKEN, CALLBACKS, DOWNLOADS, Fault


def refused(status: int, detail: object = "no", **headers: str) -> Fault:
    """The order or question is turned down with this status."""
    return Fault("status", accept=False, status=status, body={"detail": detail}, headers=headers)


_AILING = [Fault("status", status=status, body={"detail": "sorry"}) for status in (500, 502, 503, 504)]
_BUSY = [refused(429, "slow down", Retry_After="1")]
_ODD = [Fault(name) for name in ("odd_types", "extra", "bare", "hostile", "huge_numbers", "backwards", "spelling")]
_ODD += [Fault("state", body="paused"), Fault("state"), Fault("skew", seconds=86400), Fault("skew", seconds=-86400)]

CATALOGUE: dict[str, list[Fault]] = {
    "submit": [
        *BROKEN,
        *BROKEN_UNTAKEN,
        *_AILING,
        *(Fault("status", accept=False, status=status) for status in (500, 502, 503, 504)),
        *_BUSY,
        Fault("no_id"),
        Fault("id", body=17),
        Fault("ring_first"),
        Fault("redirect", status=307),
    ],
    "read": [*BROKEN, *_AILING, *_BUSY, *_ODD],
    "list": [*BROKEN, *_AILING, *_BUSY, *_ODD, Fault("doubled"), Fault("shuffled"), Fault("no_list")],
    "download": [*DOWNLOADS, *(Fault("expired", status=status) for status in (400, 403))],
    "callback": CALLBACKS,
    "life": [Fault("failure", body="The photos show no face.")],
}
"""What chance draws from: nothing here loses a job or a result for good, so that all must come right in the end."""
