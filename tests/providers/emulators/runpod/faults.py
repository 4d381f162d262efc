"""Every way in which the emulated RunPod can misbehave, besides those of `tests.providers.emulators.faults`.

The doors and their faults:

submit    an order arrives; `accept` says whether it is taken all the same. `id` (answer with `body` as id), `no_id`,
          `known_id` (an id given before), `twice` (two jobs for one order), `ring_first` (the webhook comes before the
          answer).
read      one job is asked after. `state` (`body` as status), `ended` (the same once it has ended), `backwards`,
          `odd_types`, `extra`, `bare` (no optional field), `hostile`, `hostile_results`, `huge_numbers`, `other_job`,
          `echo` (the whole order, bucket secret and all), `progress` (words as output while it runs), `early_output`
          (pictures as output while it runs), `no_output`, `no_results` (an output without anything), `few_results`,
          `local_paths` (paths where addresses belong), `listed` (output as a list of image and seed), `no_info`.
cancel    a job is to be ended; `accept` says whether it is all the same. `finished_first` (it ends well just before).
health    the endpoint is asked after. `shy` (no counts at all), `odd_counts`.
life      an order was just taken: what becomes of it. `failure` (`body` is the error), `never_ends`, `times_out`.
"""

from tests.providers.emulators.faults import BROKEN, BROKEN_UNTAKEN, CALLBACKS, DOWNLOADS, Fault


def refused(status: int, error: object = "no", **headers: str) -> Fault:
    """The order or question is turned down with this status."""
    return Fault("status", accept=False, status=status, body={"error": error}, headers=headers)


_AILING = [Fault("status", status=status, body={"error": "sorry"}) for status in (500, 502, 503, 504)]
_BUSY = [refused(429, "slow down", Retry_After="1")]
_ODD_NAMES = ("odd_types", "extra", "bare", "hostile", "huge_numbers", "backwards", "echo", "progress", "early_output")
_ODD = [Fault(name) for name in (*_ODD_NAMES, "listed", "no_info")]
_ODD += [Fault("state", body="PAUSED"), Fault("state"), Fault("state", body="running")]
_SPOILT = ["The photos show no face.", ["text_steps should be <class 'int'> type, not <class 'str'>."]]

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
    "cancel": [*BROKEN, *_AILING, *_BUSY, Fault("finished_first")],
    "health": [*BROKEN, *_AILING, *_BUSY, Fault("shy"), Fault("odd_counts")],
    "download": [*DOWNLOADS, *(Fault("expired", status=status) for status in (400, 403))],
    "callback": CALLBACKS,
    "life": [Fault("failure", body=error) for error in _SPOILT],
}
"""What chance draws from: nothing here loses a job or a result for good, so that all must come right in the end."""
