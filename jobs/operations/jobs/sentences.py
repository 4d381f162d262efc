"""What the operations say to people in several places, or about orders and keys: what happened, whether it cost money,
what to press. What is said in one place of `operations.jobs` stands there, and `results` has its own.

*label* is always the provider's name as people know it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as date_format

from dashboard.models import User
from jobs.models import Job, Photo

KEY_GONE = "The API key of this order was revoked. Nothing was sent and nothing was charged. Choose another key."
NO_PHOTOS = "There are no photos ready to train on. Add photos to the set first; nothing was charged."
STILL_OPEN = "This job is still under way. To order the same a second time, clone it."
NOT_OPEN = "This job has already ended; there is nothing to stop."
ORDER_GONE = "What this job was made with is no longer here. Start a new job instead."

CANCELLED_UNSENT = "Cancelled before it was sent. Nothing was charged."

DECISION_NEEDED = (
    "We could not find out whether the provider has this job. Look at the provider's own page: if it is there, paste "
    "its id; if it is not, send it again or forget it. Nothing is sent before you decide, so you will not pay twice."
)

KEY_REPLACED = "The API key was changed since: look in the account that this job was sent to."
PHOTOS_FETCHED = "Its photos were fetched by the provider, so it is probably there."


def no_stop(label: str) -> str:
    return f"{label} cannot stop a job once it has it: it goes on and ends by itself."


def given_up(user: User, label: str) -> str:
    return (
        f"{user} gave this job up: without its API key {label} can neither be asked after it nor told to stop. It may "
        "go on there and be charged, and what it makes is not fetched."
    )


def created(user: User | None, source: Job | None) -> str:
    who = str(user) if user else "Likeness"
    if source is not None and source.dry_run:
        return f"{who} started this job, which was rehearsed as “{source.name}”."
    return f"{who} started this job again, with the order of “{source.name}”." if source else f"{who} started this job."


def would_leave_jobs(count: int) -> str:
    left = "1 job lives" if count == 1 else f"{count} jobs live"
    return (
        f"{left} where this key points now, and could not be asked after any more. Wait until they have ended, or add "
        "another key for the other place."
    )


def secrets_stay(labels: Sequence[str]) -> str:
    stored = " and ".join(f"“{label}”" for label in labels)
    return (
        f"What is stored as {stored} is sent to the place this key has now, and to no other. Type it again for the new "
        "place, or forget it."
    )


def no_rehearsal(label: str) -> str:
    return f"{label} does not rehearse: it would charge for this. Nothing was sent."


def ended(said: str) -> str:
    """*said*, which somebody else wrote, with its full stop."""
    said = said.strip()
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."


def failed(label: str, reason: str, *, free: bool) -> str:
    """*reason* is the provider's own."""
    cost = "Nothing was charged." if free or "nothing was charged" in reason.lower() else _CHARGE_UNKNOWN
    said = ended(reason) or f"{label} could not finish this job and gave no reason."
    return said if "nothing was charged" in said.lower() else f"{said} {cost}"


_CHARGE_UNKNOWN = "Whether it was charged stands on the provider's own page."


def waiting_for_key(label: str) -> str:
    return f"{label} did not accept this key. Nothing was charged. Replace the key under API keys; your job waits."


def polling_waits_for_key(label: str) -> str:
    return (
        f"{label} no longer accepts this key, so we cannot see how the job is doing. It goes on there. "
        "Replace the key under API keys soon: results do not stay at the provider for ever."
    )


def answer_lost(label: str) -> str:
    return (
        f"We sent this job but the answer got lost. We are checking whether {label} has it before sending anything "
        "again. You will not pay twice."
    )


def maybe_sent_since(made: datetime) -> str:
    when = date_format(timezone.localtime(made), "j F, H:i")
    return f"This server was restored from a backup of {when}; this order may already have been sent since."


def restored(label: str, made: datetime) -> str:
    return (
        f"{maybe_sent_since(made)} We are checking whether {label} has it before sending anything. You will not pay "
        "twice."
    )


def id_already_held(label: str) -> str:
    return f"{label} answered with the id of another job of ours. We changed nothing. {DECISION_NEEDED}"


def sent_twice(label: str, provider_job_id: str) -> str:
    return (
        f"{label} also has another try of this job ({provider_job_id}), which we had believed lost. It may have been "
        "charged twice: please look at the provider's page, and tell whoever looks after this server. What that try "
        "makes is fetched as a job of its own."
    )


def other_try(label: str, name: str) -> str:
    return f"{label} has “{name}” twice. This is the try that we had believed lost; what it makes is fetched here."


WITHDRAWN = "Somebody withdrew their photos, which this was made from. It is to be deleted, and cannot be used."
WITHDRAWN_UNSENT = "It was stopped before it was sent, because the photos were withdrawn. Nothing was charged."
PHOTOS_WITHDRAWN = "Photos were taken out of this set just now. Look at the order again. Nothing was sent."
PHOTOS_CHANGED = (
    "The photos of this set, their crops or captions changed since you looked. What is sent now stands beside this: "
    "look once more, then start. Nothing was sent."
)


def waits_for_photos(count: int) -> str:
    still = "1 is" if count == 1 else f"{count} are"
    return f"This order waits until its photos are ready: {still} still getting ready. Then it goes out by itself."


def photos_unusable(photos: Sequence[Photo], ordered: int) -> str:
    """Why an order does not go out without those of its photos, and what can be done."""
    first, count, left = photos[0], len(photos), ordered - len(photos)
    which = (
        f"“{first.display_name}”" if count == 1 else f"{count} of its {ordered} photos, such as “{first.display_name}”,"
    )
    again = "Add others to the set and order again"
    if left:
        again = f"Try again sends the other {left}; or add {'another one' if count == 1 else 'others'} and order anew"
    return f"{which} could not be used: {first.refusal} Nothing was sent and nothing was charged. {again}."


def settled_by(user: User) -> str:
    return f"{user} deleted this job and all that it made, because the photos were withdrawn."


def key_rejected(label: str, key: str) -> str:
    return f"{label} no longer accepts the API key {key}. Jobs that need it wait until it is replaced."
