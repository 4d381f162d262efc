"""What the operations say to people: what happened, whether it cost money, what to press. `results` has the rest.

*label* is always the provider's name as people know it.
"""

from collections.abc import Sequence

from dashboard.models import User
from jobs.models import Job

KEY_GONE = "The API key of this order was revoked. Nothing was sent and nothing was charged. Choose another key."
NO_PHOTOS = "There are no photos ready to train on. Add photos to the set first; nothing was charged."
STILL_OPEN = "This job is still under way. Cancel it first, then delete it."
ALREADY_DECIDED = "This was settled in the meantime; there is nothing left to decide."
ID_NEEDED = "Paste the id that the provider's page shows for this job."
ID_TAKEN = "Another job here already has this id. Look again which one it is on the provider's page."
NOT_OPEN = "This job has already ended; there is nothing to stop."
NOTHING_TO_CHECK = "This job has ended and everything it made is here."
ORDER_GONE = "What this job was made with is no longer here. Start a new job instead."

BEING_SENT = "This job is being sent at this moment. Try again in a minute."
MARKED = "Marked as lost."
CANCEL_ASKED = "We are asking the provider to stop. Whichever comes first counts: the stop or the result."
CANCELLED_UNSENT = "Cancelled before it was sent. Nothing was charged."
CHECKING_NOW = "We are looking again now."

OUR_FAULT_UNSENT = (
    "Something went wrong here while getting this job ready, three times. It was not sent and nothing was charged. "
    "Press Try again; if it happens again, tell whoever looks after this server."
)
OUR_FAULT = (
    "Something went wrong here while looking after this job. Nothing is lost and nothing was charged twice; we try "
    "again in ten minutes. Whoever looks after this server finds the cause in the log."
)
DECISION_NEEDED = (
    "We could not find out whether the provider has this job. Look at the provider's own page: if it is there, paste "
    "its id; if it is not, send it again. Nothing is sent before you decide, so you will not pay twice."
)


def created(user: User | None, source: Job | None) -> str:
    who = str(user) if user else "Likeness"
    if source is not None and source.dry_run:
        return f"{who} started this job, which was rehearsed as “{source.name}”."
    return f"{who} started this job again, with the order of “{source.name}”." if source else f"{who} started this job."


def polling_stalled(label: str, count: int, minutes: int, limit: int) -> str:
    jobs = "1 job" if count == 1 else f"{count} jobs"
    return (
        f"For {minutes} minutes nobody could ask {label} about {jobs}. {label} forgets a job {limit} minutes after it "
        "has ended, and then its pictures cannot be fetched any more."
    )


def nobody_asked(count: int, limit: int) -> str:
    jobs = "1 job is" if count == 1 else f"{count} jobs are"
    return f"{jobs} not asked about, and forgotten there {limit} minutes after the end. Last answer"


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


def sending(label: str) -> str:
    return f"We are sending this job to {label}."


def accepted(label: str, *, dry_run: bool) -> str:
    return f"{label} is rehearsing this job; that is free." if dry_run else f"{label} took the job."


def running(label: str) -> str:
    return f"{label} started working on it."


def succeeded(label: str, *, dry_run: bool) -> str:
    if dry_run:
        return f"The rehearsal went well: {label} would take this order. Nothing was charged."
    return f"{label} has finished."


def failed(label: str, reason: str, *, free: bool) -> str:
    """*reason* is the provider's own."""
    cost = "Nothing was charged." if free or "nothing was charged" in reason.lower() else _CHARGE_UNKNOWN
    said = reason.strip() or f"{label} could not finish this job and gave no reason."
    said = said if said.endswith((".", "!", "?")) else f"{said}."
    return said if "nothing was charged" in said.lower() else f"{said} {cost}"


_CHARGE_UNKNOWN = "Whether it was charged stands on the provider's own page."


def cancelled(label: str) -> str:
    return f"{label} stopped this job."


def provider_says(label: str, state: str) -> str:
    return f"{label} says: “{state}”. We do not know this word, so the job stays as it was and we keep asking."


def unreachable(label: str, reason: str) -> str:
    return f"{reason} Nothing was sent to {label} and nothing was charged. We try again on our own."


def not_sent(label: str, reason: str) -> str:
    return f"{reason} We tried five times. The job was not sent to {label} and nothing was charged. Press Try again."


def busy(label: str) -> str:
    return f"{label} asked us to wait a little. Nothing was charged; the job goes out on its own."


def key_refused(label: str) -> str:
    return (
        f"{label} did not accept this key. Nothing was charged. Replace the key under API keys, then press Try again."
    )


def waiting_for_key(label: str) -> str:
    return f"{label} did not accept this key. Nothing was charged. Replace the key under API keys; your job waits."


def polling_waits_for_key(label: str) -> str:
    return (
        f"{label} no longer accepts this key, so we cannot see how the job is doing. It goes on there. "
        "Replace the key under API keys soon: results do not stay at the provider for ever."
    )


def no_credit(key: str, credit: str) -> str:
    return (
        f"The account behind “{key}” has no {credit} left, or may not do this. Nothing was charged. Top up at the "
        "provider, then press Try again."
    )


def invalid(label: str, reason: str, fields: dict[str, str]) -> str:
    named = " ".join(f"{name}: {sentence}" for name, sentence in fields.items())
    told = " ".join(part for part in (reason, named) if part)
    return f"{label} did not take these settings. {told} Nothing was charged. Change them and try again."


def no_endpoint(label: str, reason: str) -> str:
    return f"{reason} Nothing was charged. Check the options of the API key for {label}, then press Try again."


def refused(label: str, reason: str) -> str:
    return f"{label} refused this job. {reason} Nothing was charged."


def answer_lost(label: str) -> str:
    return (
        f"We sent this job but the answer got lost. We are checking whether {label} has it before sending anything "
        "again. You will not pay twice."
    )


def found(label: str) -> str:
    return f"{label} has the job after all. It was sent once and goes on."


def not_there_send_again(label: str) -> str:
    return f"{label} does not have this job: the first try never arrived. Nothing was charged; we send it once more."


def id_already_held(label: str) -> str:
    return f"{label} answered with the id of another job of ours. We changed nothing. {DECISION_NEEDED}"


def sent_twice(label: str, provider_job_id: str) -> str:
    return (
        f"{label} also has an earlier try of this job ({provider_job_id}), which we had believed lost. It may have "
        "been charged twice: please look at the provider's page, and tell whoever looks after this server."
    )


def decided_there(user: User, provider_job_id: str) -> str:
    return f"{user} found the job at the provider ({provider_job_id}). It goes on."


def decided_absent(user: User) -> str:
    return f"{user} made sure that the provider does not have this job. It is sent again."


def lost(label: str) -> str:
    return (
        f"{label} no longer knows this job: it was removed there, or kept too short a time. What we fetched before is "
        "safe here. It may have been charged. Press Try again to start over."
    )


def marked_lost(user: User, *, was_sent: bool) -> str:
    money = (
        "The provider may have charged it: look there." if was_sent else "It was never sent, so nothing was charged."
    )
    return f"{user} marked this job as lost: nobody asks after it any more. {money}"


def overdue(label: str) -> str:
    return f"This is taking unusually long. {label} is still at it and we keep asking; you can wait or cancel."


WITHDRAWN = "Somebody withdrew their photos, which this was made from. It is to be deleted, and cannot be used."
WITHDRAWN_UNSENT = "It was stopped before it was sent, because the photos were withdrawn. Nothing was charged."
PHOTOS_WITHDRAWN = "Photos were taken out of this set just now. Look at the order again. Nothing was sent."
PHOTOS_CHANGED = (
    "The photos of this set, their crops or captions changed since you looked. What is sent now stands beside this: "
    "look once more, then start. Nothing was sent."
)


def settled_by(user: User) -> str:
    return f"{user} deleted this job and all that it made, because the photos were withdrawn."


def cancel_asked(user: User | None) -> str:
    return f"{user or 'We'} asked to stop this job."


def cancelled_by(user: User | None) -> str:
    return f"{user or 'We'} cancelled this job before it was sent. Nothing was charged."


def key_rejected(label: str, key: str) -> str:
    return f"{label} no longer accepts the API key {key}. Jobs that need it wait until it is replaced."


def outdated(label: str) -> str:
    return (
        f"{label} moved its endpoint: the address that Likeness knows is outdated, and the order was not sent "
        "anywhere else. Whoever looks after this server installs the newest Likeness; until then orders wait."
    )


def cannot_stop(label: str) -> str:
    return f"{label} cannot stop a job once it has it. It goes on and ends by itself."


def fetching_again(user: User) -> str:
    return f"{user} asked to fetch what is missing once more."
