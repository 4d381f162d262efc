"""Every sentence about results: what arrived, what is missing and why, what a provider will delete.

*label* is always the provider's name as people know it.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as date_format

from dashboard.models import User

DISK_FULL = "The results are waiting: this server has no room left. They are fetched on their own once there is room."
NOT_TO_KEEP = "This checkpoint is here already, or no longer at the provider."
NOT_SAFETENSORS = "what came is no safetensors file, though the provider says so"
"""Why a checkpoint is not kept, in half a sentence."""


def results_here(images: int, checkpoints: int, missing: tuple[str, ...]) -> str:
    """What arrived and, by name, what did not."""
    here = " and ".join(part for part in (_counted(images, "picture"), _counted(checkpoints, "checkpoint")) if part)
    arrived = f"{here} arrived." if here else "Nothing arrived."
    return f"{arrived[0].upper()}{arrived[1:]} Missing: {', '.join(missing)}." if missing else f"{arrived}"


def _counted(count: int, thing: str) -> str:
    return "" if count == 0 else f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def pictures(count: int) -> str:
    return _counted(count, "picture")


def picture(number: int) -> str:
    return f"picture {number}"


def undelivered(count: int) -> str:
    return f"{_counted(count, 'picture')} that the provider did not deliver"


def checkpoint_at(step: int | None) -> str:
    return "The checkpoint" if step is None else f"The checkpoint at step {step}"


def could_not_keep(thing: str, why: str) -> str:
    return f"{thing} could not be fetched: {why.rstrip('.')}."


def refused_for_now(label: str, checkpoint: str, until: str) -> str:
    return f"{label} refuses this file for now: {checkpoint[0].lower()}{checkpoint[1:]}. We try again until {until}."


def no_longer_there(deleted_at: datetime | None) -> str:
    """Why a result cannot be had, in half a sentence."""
    if deleted_at is None or deleted_at > timezone.now():
        return "the provider no longer has it"
    return f"the provider deleted it on {date_format(deleted_at, 'j F Y')}"


def left_at_provider(label: str, count: int) -> str:
    them = "it" if count == 1 else "them"
    return f"{checkpoints(count)} stayed at {label}, as this workspace wants. “Keep this” copies {them} here."


def keeping(user: User, checkpoint: str) -> str:
    return f"{user} wants to keep this: {checkpoint[0].lower()}{checkpoint[1:]}. It is being copied here."


def expires_soon(label: str, count: int, when: str) -> str:
    them = "it" if count == 1 else "them"
    return f"{label} deletes {checkpoints(count)} of this job on {when}. Press “Keep this” to copy {them} here."


def expired(label: str, count: int, when: str) -> str:
    return f"{label} deleted {checkpoints(count)} of this job on {when}. Pictures made before are safe here."


def checkpoints(count: int) -> str:
    return _counted(count, "checkpoint")
